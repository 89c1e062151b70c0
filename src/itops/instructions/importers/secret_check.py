"""Secrets in text that is about to be imported: refused with their place, never shown."""

import re
from typing import Final

from itops.errors import InvalidInstruction
from itops.instructions.runbooks.front_matter import complaint
from itops.redaction import Redactor, SecretPlace

_NOUN: Final = r"(?:password|passwd|passphrase|pwd|pass|secret|token|key|name|value|file|path|id|string|word|var)"
_STANDS_FOR: Final = re.compile(
    r"\{\{|\$\{?[A-Za-z_]|\$\(|<|%[A-Za-z_]+%|%\(|\{[A-Za-z_]\w*\}|\[|@[\w.]+@|[*xX•.…_-]+$|~/|\./"
    r"|/(?:run|etc|var|opt|home|path)/|(?:secret|vault|env|file|ssm|op):|arn:|(?:os|process)\.env|getpass|lookup|vault_"
    r"|Read-Host|Get-Credential|!(?:vault|Ref|Sub|GetAtt|ImportValue|secret|env_var)\b|\^?[A-Z][A-Z_]*\^?$"
    r"|(?i:your[ _-]|example|placeholder|redacted|(?:secure)?string$|str$|bool(?:ean)?$|integer$)"
    rf"|(?i:(?:[a-z]+[_-])*{_NOUN}s?\d?$)"
)
_SHAPED: Final = frozenset(
    ("jwt", "hash", "aws-key", "aws-token", "github-token", "gitlab-token", "slack-token", "google-key")
)
_PEM_BODY: Final = re.compile(r"[A-Za-z0-9+/]{32,}")


def refuse_secrets(text: str, redactor: Redactor, *, place: str, numbered: bool = True) -> None:
    """Accept text without a secret; a placeholder, a variable or a path in a secret's place is none.

    Raises:
        InvalidInstruction: it holds one; names its file, line and kind.
    """
    found = [one for one in redactor.places(text) if _is_secret(one, text)]
    if not found:
        return
    first = found[0]
    more = f", and {len(found) - 1} more in this file" if len(found) > 1 else ""
    what = f"a secret stands here ({first.kind}){more}"
    mend = "Take it out, change it where it is in use, and write a placeholder such as {{ name }} in its place."
    if numbered:
        raise complaint(place, text.count("\n", 0, first.start) + 1, what, mend)
    raise InvalidInstruction(f"{place}: {what}.", mend=mend)


def _is_secret(one: SecretPlace, text: str) -> bool:
    value = text[one.start : one.end]
    if one.kind == "private-key":
        return _PEM_BODY.search(value) is not None
    around = text[max(0, one.start - 80) : one.end + 1]
    is_open = "{{" in value or ("}}" in value and "{{" in around) or (value.endswith("=") and around.endswith("{"))
    is_example = value.rstrip("\"'`.,;)").endswith(("EXAMPLE", "EXAMPLEKEY"))
    return not is_open and not is_example and (one.kind in _SHAPED or not _STANDS_FOR.match(value))
