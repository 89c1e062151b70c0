"""A second parser's opinion: tree-sitter must find the same programs, or the reading is not to be relied on."""

import functools
from typing import TYPE_CHECKING, Final

from itops.scripts.shfmt import Node
from itops.scripts.words import source_of

if TYPE_CHECKING:
    from tree_sitter import Language
    from tree_sitter import Node as TreeNode

PARTS_LIMIT: Final = 8
# What one of the two parsers takes for syntax and the other for a program.
_SYNTAX: Final = frozenset({"[", "time", "unset", "let"})


def disagreement(text: str, tree: Node) -> str:
    """Why the two parsers' readings of a text differ; empty where they agree."""
    source = text.encode()
    root = _parse(source)
    if root.has_error:
        return "a second parser can't make sense of it"
    timed: set[str] = set()
    first = _programs(tree, source, timed) - _SYNTAX
    second = _tree_programs(root) - _SYNTAX
    differing = sorted((first ^ second) - timed if timed else first ^ second)
    return f"two parsers read it differently: {', '.join(differing)[:200]}" if differing else ""


def readable_parts(text: str) -> list[str]:
    """The commands of a broken text that a forgiving parser makes out, each by itself."""
    parts: list[str] = []
    waiting = [_parse(text.encode())]
    while waiting and len(parts) < PARTS_LIMIT:
        node = waiting.pop()
        if node.type in {"command", "redirected_statement", "pipeline"} and node.text:
            parts.append(node.text.decode(errors="replace"))
        else:
            waiting.extend(reversed(node.children))
    return [*parts, *text.splitlines()[:PARTS_LIMIT]]


@functools.cache
def _language() -> "Language":
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Language(tree_sitter_bash.language())


def _parse(source: bytes) -> "TreeNode":
    import tree_sitter

    return tree_sitter.Parser(_language()).parse(source).root_node


def _programs(node: object, source: bytes, timed: set[str]) -> set[str]:
    """Source texts of all program words; those behind ``time`` and ``coproc`` are added to ``timed`` too."""
    if isinstance(node, list):
        return {found for child in node for found in _programs(child, source, timed)}
    if not isinstance(node, dict):
        return set()
    found = {name for child in node.values() for name in _programs(child, source, timed)}
    if node.get("Type") == "CallExpr" and node.get("Args"):
        found.add(source_of(node["Args"][0], source))
    if node.get("Type") == "TimeClause":
        timed |= found
    return found


def _tree_programs(root: "TreeNode") -> set[str]:
    found, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.type == "command_name":
            found.add((node.text or b"").decode(errors="replace"))
    return found
