"""A ``--query`` of the AWS CLI: whether it leaves out the fields of an answer that hold a secret."""

import re
from typing import Final

_LITERALS: Final = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`")
_QUOTED_NAMES: Final = re.compile(r'"([A-Za-z_][\w-]*)"')
_INDEX: Final = re.compile(r"\[(?:\*|-?\d*(?::-?\d*){0,2}|\?[^\[\]]*)\]")
_HARMLESS_FUNCTIONS: Final = frozenset(
    {"avg", "contains", "ends_with", "length", "max", "min", "reverse", "sort", "starts_with", "sum"}
)
_CALLS: Final = re.compile(r"([A-Za-z_]\w*)\(")
# The names within an object, never its values.
_NAMES_WITHIN: Final = re.compile(r"\bkeys\([A-Za-z_]\w*(?:\.\w+)*(?: *\|\| *0)?\)")
_KEYS: Final = re.compile(r"(?<=[{,])\s*\w+\s*:")
_NAMES: Final = re.compile(r"[A-Za-z_]\w*")
_TOO_MUCH: Final = re.compile(r"[@&\"'`\\$!<>=?]|(?<!\[)\*|\*(?!\])")


def leaves_out(query: str, fields: frozenset[str]) -> bool:
    """Whether the answer to the query is certain to hold none of these fields; they and what holds them count.

    Only plain queries are certain: names, indices, filters, lists and objects made of them.
    """
    if not query or "*" in fields:
        return False
    plain = _NAMES_WITHIN.sub("0", _QUOTED_NAMES.sub(r"\1", _LITERALS.sub("0", query)))
    filtered = {name for found in _INDEX.findall(plain) if "?" in found for name in _NAMES.findall(found)}
    plain = _without_indices(plain)
    if fields & filtered or not _functions_are_harmless(plain):
        return False
    plain = _KEYS.sub("", _CALLS.sub("(", plain)).replace(" ", "").replace("\n", "")
    if _TOO_MUCH.search(plain) or not _NAMES.search(plain):
        return False
    return all(name[0] not in fields or plain[name.end() : name.end() + 1] == "." for name in _NAMES.finditer(plain))


def _without_indices(text: str) -> str:
    """The query without its indices and filters, which may stand within each other."""
    while (shorter := _INDEX.sub("", text)) != text:
        text = shorter
    return text


def _functions_are_harmless(text: str) -> bool:
    return all(name in _HARMLESS_FUNCTIONS for name in _CALLS.findall(text))
