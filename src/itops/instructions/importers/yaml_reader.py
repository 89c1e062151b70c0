"""Other people's YAML and JSON, read with bounds: every node knows its line, and nothing in it can surprise.

Scalars stay the text that stands there (``no``, ``0644``), as in front matter.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

from itops.instructions.importers.importer import Source
from itops.instructions.runbooks.front_matter import complaint

LIMIT_BYTES: Final = 1024 * 1024
_DEEPEST: Final = 40
_MOST_NODES: Final = 100_000
_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_NULL: Final = frozenset({"", "~", "null"})
_PAIR: Final = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_UNREADABLE: Final = frozenset({"Cc", "Cs"})


@dataclass(frozen=True)
class Node:
    """One value: a text, a list of nodes or a mapping of nodes; ``tag`` is one that its author wrote."""

    value: "str | list[Node] | dict[str, Node]"
    line: int
    origin: str
    quoted: bool = False
    tag: str = ""

    def fail(self, what: str, mend: str) -> NoReturn:
        """Refuse the file because of this node."""
        raise complaint(self.origin, self.line, what, mend)

    @property
    def is_null(self) -> bool:
        """Whether nothing stands here."""
        return isinstance(self.value, str) and not self.quoted and self.value in _NULL

    @property
    def is_text(self) -> bool:
        """Whether a single value stands here."""
        return isinstance(self.value, str) and not self.is_null

    def mapping(self) -> "Mapping[str, Node]":
        """The entries by key."""
        if self.is_null:
            return {}
        if not isinstance(self.value, dict):
            self.fail("expected `key: value` entries here", "Correct the file, or leave it out.")
        return self.value

    def items(self) -> "list[Node]":
        """The members of a list; a single value counts as a list of one."""
        if self.is_null:
            return []
        if isinstance(self.value, dict):
            self.fail("expected a list here", "Correct the file, or leave it out.")
        return self.value if isinstance(self.value, list) else [self]

    def text(self) -> str:
        """A single value, as written; the empty text where nothing stands."""
        if not isinstance(self.value, str):
            self.fail("expected a single value here", "Correct the file, or leave it out.")
        return "" if self.is_null else self.value

    def flag(self) -> bool:
        """True or false."""
        word = self.text().strip().lower()
        if word not in _TRUE | _FALSE:
            self.fail(f"{word[:40]!r} is neither true nor false", "Write true or false.")
        return word in _TRUE

    def plain(self) -> Any:  # noqa: ANN401 - JSON of any shape
        """The value as JSON knows it: unquoted numbers, booleans and null are no texts."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value if self.quoted else _plain_scalar(self.value)

    def walk(self) -> "Iterator[Node]":
        """This node and all below it."""
        yield self
        below = self.value.values() if isinstance(self.value, dict) else self.value
        for node in below if not isinstance(below, str) else ():
            yield from node.walk()


def read_tree(source: Source) -> Node:
    """The one document of a YAML or JSON file.

    Raises:
        InvalidInstruction: it is too large, too deep, broken, uses aliases, or a key stands twice; names the place.
    """
    text = _text(source)
    events = _Events(_parsed(text, source.place), source.place)
    root = events.document()
    if root is None:
        raise complaint(source.place, 1, "the file is empty", "Leave it out.")
    return root


def _text(source: Source) -> str:
    if len(source.data) > LIMIT_BYTES:
        what = f"the file has {len(source.data)} bytes, and more than {LIMIT_BYTES} are not read"
        raise complaint(source.place, 1, what, "Split it.")
    try:
        text = source.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + source.data.count(b"\n", 0, error.start)
        raise complaint(source.place, line, "this is no UTF-8 text", "Save the file as UTF-8.") from error
    return _PAIR.sub(_joined, text) if text.lstrip().startswith(("{", "[")) else text


def _joined(pair: re.Match[str]) -> str:
    """JSON writes a rare character as two halves, which YAML does not know."""
    return bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be")


_Event: TypeAlias = Any
"""A YAML event: a foreign type, imported late."""


def _parsed(text: str, origin: str) -> Iterator[_Event]:
    import yaml

    depth = 0
    try:
        for count, event in enumerate(yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))):
            line = _line(event)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise complaint(origin, line, "YAML nested too deeply", "Flatten it.")
            if count > _MOST_NODES:
                raise complaint(origin, line, f"more than {_MOST_NODES} values", "Split the file.")
            if isinstance(event, yaml.AliasEvent):
                raise complaint(origin, line, "YAML aliases (`*name`) are not read", "Write the value out.")
            yield event
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 1 + text.count("\n", 0, getattr(error, "position", 0))
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
        raise complaint(origin, line, f"broken YAML: {what}", "Correct the file.") from error


class _Events:
    """Builds nodes out of events; depth is bounded by who gives them."""

    def __init__(self, events: Iterator[_Event], origin: str) -> None:
        self._events = events
        self._origin = origin

    def document(self) -> Node | None:
        import yaml

        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    raise self._complaint(event, "a second YAML document stands here", "Split the file.")
                root = self._node(event)
        return root

    def _node(self, event: _Event) -> Node:
        import yaml

        line, tag = _line(event), _own_tag(event.tag)
        if isinstance(event, yaml.ScalarEvent):
            return Node(self._readable(event), line, self._origin, bool(event.style), tag)
        if isinstance(event, yaml.SequenceStartEvent):
            members = [self._node(each) for each in self._until(yaml.SequenceEndEvent)]
            return Node(members, line, self._origin, tag=tag)
        return Node(self._entries(), line, self._origin, tag=tag)

    def _entries(self) -> dict[str, Node]:
        import yaml

        entries: dict[str, Node] = {}
        for event in self._until(yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._complaint(event, "a key is a single word", "Correct the file.")
            key = self._readable(event)
            if key in entries:
                raise self._complaint(event, f"the key {key[:60]!r} stands twice", "Keep one of the two.")
            entries[key] = self._node(next(self._events))
        return entries

    def _until(self, end: type) -> Iterator[_Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _readable(self, event: _Event) -> str:
        text = str(event.value).replace("\r\n", "\n").replace("\r", "\n")
        for char in dict.fromkeys(text):
            if char not in "\n\t" and unicodedata.category(char) in _UNREADABLE:
                raise self._complaint(event, f"the character U+{ord(char):04X} stands here", "Take it out.")
        return text

    def _complaint(self, event: _Event, what: str, mend: str) -> Exception:
        return complaint(self._origin, _line(event), what, mend)


def _line(event: _Event) -> int:
    return int(event.start_mark.line) + 1


def _own_tag(tag: str | None) -> str:
    return "" if tag is None or tag.startswith("tag:yaml.org,2002:") else tag


def _plain_scalar(text: str) -> object:
    word = text.lower()
    if text in _NULL or word in _TRUE | _FALSE:
        return None if text in _NULL else word in _TRUE
    if re.fullmatch(r"-?(0|[1-9]\d{0,15})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text) else text
