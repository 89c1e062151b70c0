"""YAML front matter, read as located text: every complaint names its file, line and mend.

Every scalar is read as the text that stands there, so that ``no``, ``0755`` and ``1.10`` stay what the author wrote.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn, TypeAlias

from itops.errors import InvalidInstruction

Node: TypeAlias = Any
"""A YAML node: a foreign type, imported late."""
Entries: TypeAlias = Mapping[str, Node]

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_NULL: Final = frozenset({"", "~", "null"})
_COUNT: Final = re.compile("[1-9][0-9]{0,8}")
_DEPTH: Final = 16


class FrontMatter:
    """One file's front matter: ``root`` is its mapping, the methods read its nodes."""

    def __init__(self, text: str, *, origin: str, first_line: int) -> None:
        self._origin = origin
        self._first_line = first_line
        self.root = self._compose(text)

    def fail(self, node: Node, what: str, mend: str) -> NoReturn:
        """Refuse the file because of this node."""
        raise complaint(self._origin, self._first_line + node.start_mark.line, what, mend)

    def mapping(self, node: Node, known: Collection[str] | None = None) -> Mapping[str, Any]:
        """The node's entries by key, each key once and, where ``known`` is given, one of these."""
        if _is_null(node):
            return {}
        if node.id != "mapping":
            self.fail(node, "expected `key: value` entries here", "Write a mapping, or leave it out.")
        entries: dict[str, Node] = {}
        for key, value in node.value:
            name = self.text(key)
            if name in entries:
                self.fail(key, f"the key {name!r} stands twice", "Keep one of the two.")
            if known is not None and name not in known:
                near = difflib.get_close_matches(name, known, 1)
                mend = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(sorted(known))}."
                self.fail(key, f"unknown key {name!r}", mend)
            entries[name] = value
        return entries

    def text(self, node: Node) -> str:
        """One scalar, as written."""
        if node.id != "scalar":
            self.fail(node, "expected a single value here", "Put the value in quotes if it holds brackets or colons.")
        return "" if _is_null(node) else str(node.value)

    def optional(self, node: Node) -> str | None:
        """One scalar; None where nothing (or ``null``) stands, the empty text only where it is quoted."""
        return None if _is_null(node) else self.text(node)

    def texts(self, node: Node) -> tuple[str, ...]:
        """A list of scalars; a single one counts as a list of one."""
        if _is_null(node):
            return ()
        if node.id == "scalar":
            return (self.text(node),)
        if node.id != "sequence":
            self.fail(node, "expected a list here", "Write it as [one, two].")
        return tuple(self.text(item) for item in node.value)

    def flag(self, node: Node) -> bool:
        """True or false."""
        word = self.text(node).lower()
        if word not in _TRUE | _FALSE:
            self.fail(node, f"{word!r} is neither true nor false", "Write true or false.")
        return word in _TRUE

    def count(self, node: Node) -> int:
        """A whole number above zero."""
        word = self.text(node)
        if not _COUNT.fullmatch(word):
            self.fail(node, f"{word!r} is not a whole number above zero", "Write plain digits, such as 600.")
        return int(word)

    def choice(self, node: Node, allowed: Collection[str]) -> str:
        """One of the allowed words."""
        word = self.text(node)
        if word not in allowed:
            self.fail(node, f"{word!r} is not known here", f"Write one of: {', '.join(allowed)}.")
        return word

    def _compose(self, text: str) -> Node:
        """The tree, built from events with a bound on its depth: the C composer crashes on hostile nesting."""
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        depth = 0
        try:
            for event in yaml.parse(text, Loader=loader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > _DEPTH:
                    self.fail(event, "YAML nested too deeply", "Flatten it.")
                if isinstance(event, yaml.AliasEvent):
                    self.fail(event, "YAML aliases (`*name`) are not used here", "Write the value out.")
            root: Node = yaml.compose(text, Loader=loader)
        except yaml.YAMLError as error:
            line = self._first_line + _line_of(error, text)
            what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
            raise complaint(self._origin, line, f"broken YAML: {what}", "Quote values with special signs.") from error
        if root is None or root.id != "mapping":
            mend = "Write at least id, title and platform."
            raise complaint(self._origin, self._first_line, "the front matter holds no `key: value` entries", mend)
        return root


def complaint(origin: str, line: int, what: str, mend: str) -> InvalidInstruction:
    """The error of one place in one file."""
    return InvalidInstruction(f"{origin}, line {line}: {what}.", mend=mend)


def _is_null(node: Node) -> bool:
    return node.id == "scalar" and not node.style and node.value in _NULL


def _line_of(error: Exception, text: str) -> int:
    """Where broken YAML begins, counted from 0: an unclosed bracket where it opens."""
    mark = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
    return int(mark.line) if mark else text.count("\n", 0, getattr(error, "position", 0))
