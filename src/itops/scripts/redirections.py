"""Redirections of a statement: which files they write and read, and which text they feed."""

import re
from typing import Final

from itops.scripts.findings import Redirections
from itops.scripts.shfmt import Node
from itops.scripts.words import source_of, words_of

_WRITING: Final = frozenset({">", ">>", ">|", "&>", "&>>", "<>", ">&", "&>|", ">>|"})
_NO_FILE: Final = re.compile(r"/dev/(?:null|stdin|stdout|stderr|tty|fd/\d+)|\d+-?|-")
_DYNAMIC_PARTS: Final = frozenset({"ParamExp", "CmdSubst", "ArithmExp", "ProcSubst", "ExtGlob"})


def redirections_of(statement: Node, source: bytes) -> Redirections:
    """What the statement's redirections write, read and feed."""
    writes: list[str] = []
    reads: list[str] = []
    text = None
    for redirect in statement.get("Redirs", ()):
        if "Hdoc" in redirect or redirect["Op"] == "<<<":
            text, dynamic = _fed_text(redirect, source)
            reads.extend(dynamic)
        elif redirect["Op"] in {"<<", "<<-"}:
            text = ""
        elif not _is_process(redirect["Word"]):
            targets = [word.text for word in words_of(redirect["Word"], source)]
            files = [target for target in targets if not _NO_FILE.fullmatch(target)]
            (writes if redirect["Op"] in _WRITING else reads).extend(files)
    return Redirections(writes=tuple(writes), reads=tuple(reads), text=text)


def _fed_text(redirect: Node, source: bytes) -> tuple[str | None, list[str]]:
    """The text of a here-document or here-string if it is literal, and the sources of what in it is not."""
    if redirect["Op"] == "<<<":
        words = words_of(redirect["Word"], source)
        return (None, [words[0].text]) if any(word.dynamic for word in words) else (words[0].text + "\n", [])
    parts = redirect["Hdoc"].get("Parts", [])
    text = "".join(str(part.get("Value", "")) for part in parts)
    if _is_quoted(redirect["Word"]):
        return text, []
    dynamic = [source_of(part, source) for part in parts if part.get("Type") in _DYNAMIC_PARTS]
    return (None, dynamic) if dynamic else (re.sub(r"\\([$`\\])", r"\1", text.replace("\\\n", "")), [])


def _is_quoted(word: Node) -> bool:
    return any(part.get("Type") != "Lit" or "\\" in part.get("Value", "") for part in word.get("Parts", ()))


def _is_process(word: Node) -> bool:
    parts = word.get("Parts", [])
    return len(parts) == 1 and parts[0].get("Type") == "ProcSubst"
