"""Variables whose value at a place is certain: given once, by the script itself, before."""

import re
from collections.abc import Mapping
from typing import Final

from itops.scripts.shfmt import Node

# What the shell sets; a script that gives one of them a value of its own is not relied on for it.
_STABLE_NAMES: Final = "HOME PWD UID EUID PPID RANDOM SECONDS LINENO # ? $ !"
STABLE: Final = frozenset(_STABLE_NAMES.split())
_PLAIN: Final = re.compile(r"[\w./:@%+,=^-]+")
_PATTERN: Final = re.compile(r"[\w./:@%+,=^*?-]+")
_READS_CODE: Final = frozenset({"eval", "source", ".", "trap", "declare", "typeset", "local", "export", "readonly"})
ITEM_LIMIT: Final = 12


class Source(bytes):
    """A text in bytes, with what is known of variables at the place that is being read."""

    known: Mapping[str, Node]
    stable: frozenset[str]
    given: Mapping[str | None, int]

    def knowing(self, known: Mapping[str, Node]) -> "Source":
        """The same text at a place where more is known."""
        same = Source(self)
        same.known, same.stable, same.given = {**self.known, **known}, self.stable, self.given
        return same


def source_with(text: str, tree: Node) -> Source:
    """The text with the variables that the whole of it leaves as the shell set them."""
    source = Source(text.encode())
    source.given = given = _given(tree)
    source.known = {}
    source.stable = frozenset() if None in given else frozenset(name for name in STABLE if name not in given)
    return source


def single_values(tree: Node, source: Source) -> dict[str, tuple[int, Node]]:
    """Variables that are given once, by a statement that is certain to be run: from which offset on, and the value."""
    given = source.given
    found: dict[str, tuple[int, Node]] = {}
    if None in given:
        return found
    for statement in tree.get("Stmts", []):
        command = statement.get("Cmd", {})
        plain = command.get("Type") == "CallExpr" and not command.get("Args") and not statement.get("Background")
        for assign in command.get("Assigns", ()) if plain and len(command.get("Assigns", ())) == 1 else ():
            name = assign.get("Name", {}).get("Value", "")
            whole = "Value" in assign and not assign.get("Append") and "Index" not in assign and not assign.get("Array")
            if whole and given.get(name) == 1 and _is_certain(assign["Value"]):
                found[name] = (statement["End"]["Offset"], assign["Value"])
    return found


def loop_items(node: Node, source: Source) -> tuple[str, list[Node]]:
    """The variable of a loop over literal words and the words; no words where it is another loop."""
    loop = node.get("Loop", {})
    items = loop.get("Items", [])
    name = loop.get("Name", {}).get("Value", "")
    literal = node.get("Type") == "ForClause" and not node.get("Select") and loop.get("Type") == "WordIter"
    if not literal or not 0 < len(items) <= ITEM_LIMIT or not all(_text(item, _PATTERN) for item in items):
        return "", []
    return (name, items) if None not in source.given and source.given.get(name) == 1 else ("", [])


def _is_certain(word: Node) -> bool:
    """A literal without anything that splits or expands, or the value of one other variable."""
    parts = word.get("Parts", [])
    inner = parts[0].get("Parts", []) if len(parts) == 1 and parts[0].get("Type") == "DblQuoted" else parts
    return bool(_text(word, _PLAIN)) or (len(inner) == 1 and inner[0].get("Type") == "ParamExp")


def _text(word: Node, pattern: re.Pattern[str]) -> str:
    parts = word.get("Parts", [])
    if len(parts) == 1 and parts[0].get("Type") in {"Lit", "SglQuoted"} and not parts[0].get("Dollar"):
        text = parts[0].get("Value", "")
        quoted = parts[0]["Type"] == "SglQuoted"
        return text if (_PLAIN if quoted else pattern).fullmatch(text) else ""
    return ""


def _given(tree: Node) -> dict[str | None, int]:
    """How often each name may be given a value; the key None where the script may give any."""
    found: dict[str | None, int] = {}
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(node.values())
            for name in _names(node):
                found[name] = found.get(name, 0) + 1
    return found


def _may_give_any(head: Node) -> bool:
    """Whether a program's first part may be a builtin that runs code of this shell."""
    return head.get("Type") != "Lit" or str(head.get("Value")).replace("\\", "") in _READS_CODE


def _names(node: Node) -> list[str | None]:
    kind = node.get("Type")
    names: list[str | None] = [assign.get("Name", {}).get("Value") for assign in node.get("Assigns", ())]
    if kind == "WordIter":
        names.append(node["Name"]["Value"])
    if kind == "CallExpr" and node.get("Args"):
        words = [part.get("Value", "") for word in node["Args"] for part in word.get("Parts", ())]
        heads = node["Args"][0].get("Parts", [{}])
        names.extend([None] if _may_give_any(heads[0]) else [])
        names.extend(str(word).partition("=")[0] for word in words[1:] if isinstance(word, str) and word[:1].isalpha())
    if kind in {"DeclClause", "LetClause", "ArithmCmd", "CStyleLoop"}:
        names.append(None)
    if kind in {"BinaryArithm", "UnaryArithm"} and ("=" in str(node.get("Op")) or str(node.get("Op")) in {"++", "--"}):
        names.append(None)
    if kind == "ParamExp" and str(node.get("Exp", {}).get("Op", "")) in {"=", ":="}:
        names.append(node.get("Param", {}).get("Value"))
    return names
