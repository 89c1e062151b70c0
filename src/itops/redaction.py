"""Keeps secrets out of what is shown, stored or sent: known values first, then whatever is shaped like a secret.

Each find becomes a typed placeholder such as ``[REDACTED:password]``, so that a reader still knows what stood there.
Every pattern here takes time linear in the text, whatever the text is.
"""

import base64
import json
import re
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus

from itops.domain.secret import Secret

SHORTEST: Final = 6
WITHHELD: Final = "[text withheld: it could not be searched for secrets]"

_PEM_KIND: Final = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_WHOLE: Final = (
    ("private-key", re.compile(rf"-----BEGIN {_PEM_KIND}.*?(?:-----END {_PEM_KIND}|\Z)", re.DOTALL)),
    ("private-key", re.compile(rf"\A(?:[A-Za-z0-9+/=]{{1,76}}\r?\n)++-----END {_PEM_KIND}")),
    ("jwt", re.compile(r"eyJ(?<![\w-]eyJ)[\w-]{8,}+\.[\w-]{8,}+\.[\w-]*+")),
    ("hash", re.compile(r"\$(?:1|5|6|7|y|gy|2[abxy]?|argon2(?:id|i|d)|pbkdf2[a-z0-9-]{0,12})\$[\w./$=,+-]{12,}+")),
    ("aws-token", re.compile(r"(?:IQoJb3JpZ2lu|F[Qw]oGZXIvYXdz|AQo[DE]YXdz)[A-Za-z0-9/+=%_-]{32,}+")),
    ("github-token", re.compile(r"g(?<![\w-]g)(?:h[pousr]_[A-Za-z0-9]{20,}+|ithub_pat_\w{20,}+)")),
    ("gitlab-token", re.compile(r"glpat-(?<![\w-]glpat-)[\w-]{20,}+")),
    ("slack-token", re.compile(r"xox(?<![\w-]xox)[abeoprs]-[A-Za-z0-9-]{10,}+")),
    ("api-key", re.compile(r"sk-(?<![\w-]sk-)[\w-]{20,}+")),
    ("api-key", re.compile(r"[rs]k_live_(?<![\w-][rs]k_live_)[A-Za-z0-9]{16,}+")),
    ("api-key", re.compile(r"hf_(?<![\w-]hf_)[A-Za-z0-9]{30,}+")),
    ("google-key", re.compile(r"AIza(?<![\w-]AIza)[\w-]{35}(?![\w-])")),
)
_KEY_ID: Final = re.compile(r"A[KS]IA[A-Z0-9]{16}(?:(?:/|%2F)[\w/%-]*)?")
"""Which key of AWS it is, and where it signs: no secret. The secret key that belongs to it often stands beside it."""


def _aws_secret(kind: str) -> re.Pattern[str]:
    """The secret key that follows the id of a key of this kind: 40 characters, in a text that nothing else names."""
    return re.compile(
        rf"(A(?<![A-Z0-9]A){kind[1:]}[A-Z0-9]{{16}}(?![A-Z0-9])(?:[^A]|A(?!KIA|SIA)){{0,200}}?(?<![\w/+=.-]))"
        r"((?=[a-z0-9/+]{0,39}[A-Z])(?=[A-Z0-9/+]{0,39}[a-z])(?=[A-Za-z/+]{0,39}[0-9])[A-Za-z0-9/+]{40}(?![\w/+=-]))"
    )


_PART: Final = (
    ("aws-key", "akia", _aws_secret("AKIA")),
    ("aws-key", "asia", _aws_secret("ASIA")),
    ("signature", "sig", re.compile(r"(\bsig(?:nature)?=)([\w%+/=-]{24,}+)", re.IGNORECASE)),
    ("password", "://", re.compile(r"(://[^\s/:@]{0,256}:)([^\s/@]{1,256})(?=@)")),
    (
        "authorization",
        "authorization",
        re.compile(
            r"(authorization[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?"
            r"(?:(?:basic|bearer|token|digest|negotiate)[ \t]{1,8})?+)"
            r"([^\s\"',;\[]{6,}+)",
            re.IGNORECASE,
        ),
    ),
    ("token", "bearer", re.compile(r"(\bbearer[ \t]{1,8})([\w.~+/=-]{16,}+)", re.IGNORECASE)),
    ("cookie", "cookie:", re.compile(r"(\b(?:set-)?cookie:[ \t]{0,8}[^\s=;]{1,64}=)([^\s;]{6,}+)", re.IGNORECASE)),
)
_KEY: Final = (
    r"(?P<key>password|passwd|passphrase|passcode|pwd|secret(?:[_-]?(?:key(?:[_-]?base)?|string|value))?|token"
    r"|api[_-]?key|(?:access|account|private|encryption|signing|shared|storage)[_-]?key|credentials?)"
)
_HINTS: Final = (
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "_key",
    "-key",
    "ccesskey",
    "credential",
    "accountkey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "sharedkey",
    "storagekey",
)
_NAMED: Final = re.compile(
    _KEY + r"(?P<joint>\\?[\"']?[ \t]{0,8}(?P<sign>:=|=|:)[ \t]{0,32})"
    r"(?:(?P<quote>\\?[\"'])(?P<quoted>(?:[^\"'\\\n]|\\[^\"'\n]|(?!(?P=quote))\\?[\"'])*+)(?=(?P=quote))"
    r"|(?P<bare>[^\s\"'&|<>{}\[\](),;\\]++))",
    re.IGNORECASE,
)
_FLAG: Final = re.compile(
    r"(?P<flag>(?<![\w-])--(?=\w)[\w-]{0,40}?"
    + _KEY
    + r"[ \t]{1,8}[\"']?)(?P<value>[^\s\"'<>\[\]|-][^\s\"'<>\[\]|]*+)",
    re.IGNORECASE,
)
# fmt: off
_HARMLESS: Final = frozenset((
    "set", "unset", "none", "never", "yes", "no", "true", "false", "null", "nil", "locked", "unlocked", "required",
    "optional", "expired", "valid", "invalid", "changed", "unchanged", "updated", "disabled", "enabled", "empty",
    "missing", "present", "absent", "ok", "error", "failed", "denied", "incorrect", "wrong", "hidden", "unknown",
    "on", "off", "files", "compat", "db", "systemd", "sss", "ldap", "winbind", "sufficient", "requisite", "include",
    "default",
))
# fmt: on
_PROMPT_KINDS: Final = re.compile(r"[*xX•.!?_-]*|\d{1,3}|\$(?:[A-Z_][A-Z0-9_]*)?|%[A-Z_]+%?")
_KEY_BEFORE: Final = re.compile(r"[\w.-]*\Z")


@dataclass(frozen=True)
class SecretPlace:
    """Where a secret stands in a text, as positions, and of which kind it is; never what it is."""

    kind: str
    start: int
    end: int


class Redactor:
    """Replaces secrets in text. One instance serves a whole process; it may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}

    @property
    def longest(self) -> int:
        """Length in characters of the longest known form; text cut apart may hide a part of a secret this long."""
        return max((len(form) for form in self._known), default=0)

    def learn(self, secret: Secret, name: str) -> None:
        """From now on ``redact`` knows this value, in the forms in which programs print it.

        A value shorter than six characters is not learned: replacing it would tear harmless words apart.
        """
        value = secret.reveal()
        if len(value) < SHORTEST:
            return
        forms = {form: name for form in _forms(value) if len(form) >= SHORTEST}
        with self._lock:
            merged = self._known | forms
            self._known = dict(sorted(merged.items(), key=lambda item: -len(item[0])))

    def redact(self, text: str) -> str:
        """The text with every secret replaced; if that fails, a note in place of the whole text."""
        try:
            return self._redact(text)
        except Exception:  # noqa: BLE001 - fail closed: whatever goes wrong in here, the text is not shown
            return WITHHELD

    def places(self, text: str) -> tuple[SecretPlace, ...]:
        """Where ``redact`` would replace something, in the order of the text."""
        outer: list[SecretPlace] = []
        for place in sorted(self._places(text), key=lambda one: (one.start, -one.end)):
            if not outer or place.end > outer[-1].end:
                outer.append(place)
        return tuple(outer)

    def _places(self, text: str) -> Iterator[SecretPlace]:
        for form, name in self._known.items():
            yield from (SecretPlace(name, *found.span()) for found in re.finditer(re.escape(form), text))
        for kind, pattern in _WHOLE:
            yield from (SecretPlace(kind, *found.span()) for found in pattern.finditer(text))
        lowered = text.lower()
        for kind, hint, pattern in _PART:
            if hint in lowered:
                yield from (SecretPlace(kind, *found.span(2)) for found in pattern.finditer(text))
        if any(hint in lowered for hint in _HINTS):
            yield from _named_places(text)

    def _redact(self, text: str) -> str:
        for form, name in self._known.items():
            text = text.replace(form, _placeholder(name))
        for kind, pattern in _WHOLE:
            text = pattern.sub(_placeholder(kind), text)
        lowered = text.lower()
        for kind, hint, pattern in _PART:
            if hint in lowered:
                text = pattern.sub(rf"\g<1>{_placeholder(kind)}", text)
        if not any(hint in lowered for hint in _HINTS):
            return text
        return _NAMED.sub(_hide_named, _FLAG.sub(_hide_flag, text))


def _placeholder(kind: str) -> str:
    return f"[REDACTED:{kind}]"


def _forms(value: str) -> Iterator[str]:
    yield value
    yield quote(value)
    yield quote(value, safe="")
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield shlex.quote(value)
    yield re.sub(r"([^\w@%+=:,./-])", r"\\\1", value)
    yield from _base64_forms(value.encode())


def _base64_forms(value: bytes) -> Iterator[str]:
    """The characters that do not depend on what stands before and after, for each of the three alignments."""
    for before in range(3):
        padded = bytes(before) + value
        first = -(-before * 8 // 6)
        last = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded).decode()[first:last]
    yield base64.b64encode(value).decode()


def _named_places(text: str) -> Iterator[SecretPlace]:
    for found in _FLAG.finditer(text):
        if _hide_flag(found) != found[0]:
            yield SecretPlace(_kind(found), *found.span("value"))
    for found in _NAMED.finditer(text):
        if _hide_named(found) != found[0]:
            yield SecretPlace(_kind(found), *found.span("bare" if found["quoted"] is None else "quoted"))


def _hide_named(found: re.Match[str]) -> str:
    """A value named by its key, unless it says something about the secret instead of being it."""
    quoted, bare = found["quoted"], found["bare"]
    value = bare if quoted is None else quoted
    if (
        _says_nothing(value)
        or _is_directory(found, value)
        or (quoted is None and found["sign"] == ":" and _is_prose(found, value))
    ):
        return found[0]
    return f"{found['key']}{found['joint']}{found['quote'] or ''}{_placeholder(_kind(found))}"


def _hide_flag(found: re.Match[str]) -> str:
    """The word after ``--password``, unless it is the one that a help page puts there."""
    value = found["value"]
    if _says_nothing(value) or value.isupper() or value in ("string", "text", "file", "path", "value"):
        return found[0]
    return f"{found['flag']}{_placeholder(_kind(found))}"


def _kind(found: re.Match[str]) -> str:
    return re.sub(r"[_-]", "-", found["key"].lower())


def _says_nothing(value: str) -> bool:
    shaped = _PROMPT_KINDS.fullmatch(value) or _KEY_ID.fullmatch(value)
    return value.lower() in _HARMLESS or shaped is not None or "REDACTED:" in value


def _is_directory(found: re.Match[str], value: str) -> bool:
    """Whether this is a shell's PWD or OLDPWD."""
    return found["key"].lower() == "pwd" and value.startswith("/")


def _is_prose(found: re.Match[str], value: str) -> bool:
    """Whether ``key: value`` is a sentence or a path rather than a setting."""
    text, start = found.string, found.start()
    window = text[max(0, start - 64) : start]
    key = _KEY_BEFORE.search(window)
    before = window[: key.start()] if key else window
    if before.endswith(("/", "@")):
        return True
    rest = text[found.end() : found.end() + 8]
    alone = rest.lstrip(" \t")[:1] in ("", *"\r\n,;}])") or rest[0] in "\"'"
    random = len(value) >= SHORTEST and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return not alone and not random
