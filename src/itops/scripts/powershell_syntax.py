"""PowerShell as a tree, and where it can't be read."""

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_UNITS: Final = re.compile(
    r"(?P<kept><#.*?#>|#[^\n]*|@'.*?\n'@|@\".*?\n\"@|'(?:[^']|'')*'|\"(?:`.|[^\"`])*\")"
    r"|(?P<led>,\s*)(?P<word>[A-Za-z_*][\w.*-]*)(?![\w(:\\])"
    r"|(?<![\w$.:\\@{-])(?P<first>[A-Za-z_*][\w.*-]*)(?=\s*,)"
    r"|\b(?P<number>\d+)(?P<unit>[KMGTP]B)\b"
    r"|(?P<clause>\}\s*)(?=default\s*\{)"
    r"|(?P<params>\{\s*param\((?:[^()]|\([^()]*\))*\))(?=[ \t]*[^\s;}])"
    r"|(?<=\s)(?P<option>--[\w-]+)="
    r"|(?<=\s)(?P<slashed>/\w+:)\"(?P<quoted>(?:`.|[^\"`])*)\"(?=[\s;|)}]|\Z)"
    r"|(?<=[\s,:])(?P<path>\$(?:\w+:)?\w+\\[\w\\/.$:*?~+-]*)(?=[\s;,|)}]|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def read_powershell(text: str) -> "Node":
    r"""The tree of a script.

    The grammar refuses some text that PowerShell takes: lists of bare words (``Name, Status``), ``1GB``, a ``default``
    or a statement after ``param(…)`` on one line, ``--option=value``, ``/option:"value"``, ``$folder\file``. Where
    another spelling of these, on the same lines, has fewer errors, that one is read.
    """
    tree = _parse(text)
    if not tree.has_error:
        return tree
    respelt = _parse(_UNITS.sub(_respelt, text))
    return min(tree, respelt, key=lambda root: len(list(syntax_errors(root))))


def walk(node: "Node") -> Iterator["Node"]:
    """A node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def words_of(node: "Node") -> str:
    """The source text of a node."""
    return (node.text or b"").decode(errors="replace")


def line_of(node: "Node") -> int:
    """The line on which a node begins, from 1."""
    return int(node.start_point[0]) + 1


def syntax_errors(root: "Node") -> Iterator["Node"]:
    """The outermost places that can't be read."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(reversed(node.children))


def same_powershell(one: str, other: str) -> bool:
    """Whether two texts have one tree, but for layout and comments; no where either can't be read."""
    trees = [read_powershell(text.replace("\r\n", "\n")) for text in (one, other)]
    if any(tree.has_error for tree in trees):
        return False
    try:
        return _shape(trees[0]) == _shape(trees[1])
    except RecursionError:
        return False


def _shape(node: "Node") -> object:
    kept = [child for child in node.children if child.type != "command_argument_sep" and not _is_remark(child)]
    joins = [words_of(child).strip() for child in node.children if child.type == "command_argument_sep"]
    if not node.children or "string" in node.type:
        return node.type, words_of(node)
    return node.type, [_shape(child) for child in kept], [text for text in joins if text == ":"]


def _is_remark(node: "Node") -> bool:
    return node.type == "comment" and not words_of(node).lower().startswith("#requires")


def _respelt(found: re.Match[str]) -> str:
    if found["word"]:
        return f"{found['led']}'{found['word']}'"
    if found["first"]:
        return found[0] if _begins_command(found) else f"'{found['first']}'"
    if found["number"]:
        return f"{found['number']}{found['unit'].lower()}"
    if found["option"]:
        return f"{found['option']}:"
    if found["slashed"] or found["path"]:
        return f'"{found["path"] or found["slashed"] + found["quoted"]}"'
    closed = found["clause"] or found["params"]
    return f"{closed};" if closed else found[0]


def _begins_command(found: re.Match[str]) -> bool:
    """Whether a word stands where a command's name would."""
    before = found.string[: found.start()].rstrip(" \t")
    return not before or before[-1] in "\n;|&({="


@functools.cache
def _language() -> "Language":
    import tree_sitter
    import tree_sitter_powershell

    return tree_sitter.Language(tree_sitter_powershell.language())


def _parse(text: str) -> "Node":
    import tree_sitter

    return tree_sitter.Parser(_language()).parse(text.encode(errors="replace")).root_node
