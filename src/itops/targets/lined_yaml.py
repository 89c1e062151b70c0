"""YAML as plain texts, with the line of each key: nothing is guessed (``no`` stays ``no``), nothing stands twice."""

from typing import Any, Final

import yaml

_DEEPEST: Final = 12
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Lined(dict[str, Any]):
    """A mapping that knows on which line each of its keys stands."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class LineFault(Exception):
    """What is off, and on which line."""

    def __init__(self, line: int, fault: str) -> None:
        super().__init__(fault)
        self.line, self.fault = line, fault


def read_lined(text: str) -> Any:  # noqa: ANN401 - whatever stands there
    """The first document of a text: mappings, lists, texts, and None for nothing.

    Raises:
        LineFault: it is no YAML, a key stands twice, it nests too deeply, or it uses anchors.
    """
    builder = _Builder()
    try:
        # Events, not nodes: composing nodes recurses in C, and a text of brackets alone would end the process.
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise LineFault(mark.line + 1 if mark else 1, f"it is no YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise LineFault(1, f"it is no YAML: {str(error).splitlines()[0]}") from error
    return builder.root


class _Builder:
    """Puts the events of a document together, without recursion."""

    def __init__(self) -> None:
        self.root: Any = None
        self._stack: list[tuple[Lined | list[Any], str | None]] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """The next event."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "anchor", None):
            raise LineFault(line, "anchors and aliases are not read")
        if isinstance(event, yaml.ScalarEvent):
            plain_null = event.implicit[0] and event.value in _NULL
            self._value(None if plain_null else event.value, line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(Lined() if isinstance(event, yaml.MappingStartEvent) else [], line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise LineFault(line, "there is a second document")

    def _open(self, container: Lined | list[Any], line: int) -> None:
        if len(self._stack) >= _DEEPEST:
            raise LineFault(line, "it nests too deeply")
        self._value(container, line)
        self._stack.append((container, None))

    def _value(self, value: Any, line: int) -> None:  # noqa: ANN401 - whatever stands there
        if not self._stack:
            self.root = value
            return
        container, key = self._stack[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is not None:
            container[key] = value
            self._stack[-1] = (container, None)
        else:
            self._stack[-1] = (container, _key(container, value, line))


def _key(container: Lined, key: Any, line: int) -> str:  # noqa: ANN401 - whatever stands there
    if not isinstance(key, str):
        raise LineFault(line, "a key must be a word")
    if key in container.lines:
        raise LineFault(line, f"{key!r} stands twice: also on line {container.lines[key]}")
    container.lines[key] = line
    return key
