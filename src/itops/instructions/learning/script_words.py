"""The literal words of a bash script: where each stands, and of which type its place says it is."""

import functools
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from itops.scripts.shfmt import Node, parse
from itops.scripts.words import words_of

_WORDS: Final = Path(__file__).with_name("data") / "value_words.yaml"
_ALL_KEYWORDS: Final = "*"
AMOUNTS: Final = frozenset({"count", "size", "duration", "port", "pid"})
_NAMES_IN_PATHS: Final = frozenset({"user", "group", "name", "host"})
_UNITS: Final = r"\.(?:service|socket|timer|mount)"


@dataclass(frozen=True)
class ScriptWord:
    """A word whose value stands in the script; ``start`` and ``end`` count bytes.

    ``kind`` is the type of value that stands there (``user:group`` for two in one), empty where nothing says so.
    ``plain`` means that it is written without quotes.
    """

    text: str
    start: int
    end: int
    kind: str = ""
    plain: bool = True

    def spots(self, value: str, kind: str) -> Iterator[tuple[int, int]]:
        """Where a value of a type stands in it: as the whole word, or as a part that nothing but its ends bound.

        A part, and a whole word without quotes, is left alone where the value itself would need quotes.
        """
        if self.plain and shlex.quote(value) != value:
            return
        if self.text == value:
            yield 0, len(value)
        elif self.plain:
            yield from (
                found.span(1) for found in _part(value, kind).finditer(self.text) if self._may_hold(kind, found)
            )

    def _may_hold(self, kind: str, found: re.Match[str]) -> bool:
        """A service's name inside a path names a folder, which another service need not have."""
        inside_a_path = "/" in self.text and kind not in AMOUNTS | {"path", "device", "url"}
        return not inside_a_path or kind in _NAMES_IN_PATHS or self.text[: found.start(1)].endswith("=")


@functools.lru_cache(maxsize=256)
def _part(value: str, kind: str) -> re.Pattern[str]:
    """A value as a part of a word; the group is the value alone."""
    literal = re.escape(value)
    if kind in AMOUNTS:
        return re.compile(rf"^(?:[-+]|-[A-Za-z]|--[\w-]+=[-+]?|[\w.-]+:)?({literal})(?:/(?:tcp|udp))?$")
    if kind in {"path", "device", "url"}:
        return re.compile(rf"(?<![^=:,@])({literal})(?=$|[/:,])")
    return re.compile(rf"(?<![^/:=@,+])({literal})(?=$|[/:=@,]|{_UNITS}$)")


@functools.cache
def value_words() -> Mapping[str, Any]:
    """The tables by which values are recognised; lists of words as sets."""
    import yaml

    table = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    table["common"] = frozenset(table["common"].split())
    table["nouns"] = {kind: frozenset(words.split()) for kind, words in table["nouns"].items()}
    return dict(table)


def script_words(text: str) -> list[ScriptWord]:
    """Every literal word of a bash script, in order.

    Raises:
        Unparsable: the text is no bash.
    """
    source = text.encode()
    found = {word.start: word for word in _walk(parse(text), source)}
    return [found[start] for start in sorted(found)]


def _walk(node: object, source: bytes) -> Iterator[ScriptWord]:
    """The words within a node; those of calls come last, as they know their types."""
    if isinstance(node, list):
        for child in node:
            yield from _walk(child, source)
    elif isinstance(node, dict):
        if "Parts" in node and node.get("Type") in (None, "Word"):
            yield from _word(node, source)
        for key, child in node.items():
            if key != "Hdoc":
                yield from _walk(child, source)
        if node.get("Type") == "CallExpr":
            yield from _call(node.get("Args", []), source)


def _word(node: Node, source: bytes, kind: str = "") -> Iterator[ScriptWord]:
    words = words_of(node, source)
    if len(words) != 1 or words[0].dynamic or not words[0].text:
        return
    start, end = node["Pos"]["Offset"], node["End"]["Offset"]
    plain = source[start:end] == words[0].text.encode()
    if plain and words[0].glob:
        return
    yield ScriptWord(words[0].text, start, end, kind, plain)


def _call(nodes: list[Node], source: bytes) -> Iterator[ScriptWord]:
    """The words of one call, each with its type where the program is known; what runs it (sudo, env) is passed over."""
    programs = value_words()["programs"]
    texts = [_text(node, source) for node in nodes]
    at = next((index for index, text in enumerate(texts) if text.rsplit("/", 1)[-1] in programs), 0)
    kinds = _kinds(texts[at + 1 :], programs.get(texts[at].rsplit("/", 1)[-1], {}) if texts else {})
    for node, kind in zip(nodes[at + 1 :], kinds, strict=True):
        yield from _word(node, source, kind)


def _text(node: Node, source: bytes) -> str:
    words = words_of(node, source)
    return words[0].text if words else ""


def _kinds(texts: Iterable[str], program: Mapping[str, str]) -> Iterator[str]:
    """The type of each word after the program."""
    keywords = program.get("keywords", "")
    wanted = program.get("words", "-").split()
    option = ""
    for text in texts:
        is_keyword = keywords == _ALL_KEYWORDS or text in keywords.split()
        if option:
            yield option
            option = ""
        elif text.startswith("-") or (text in program and text not in ("words", "keywords")):
            name, sign, _ = text.partition("=")
            kind = program.get(name) or _kind_named(name)
            option = "" if sign else kind
            yield kind if sign else ""
        elif is_keyword:
            yield ""
        else:
            kind = wanted.pop(0) if len(wanted) > 1 else wanted[0]
            yield "" if kind == "-" else kind


def _kind_named(option: str) -> str:
    """The type of value that a long option is named after, whatever the program."""
    kinds: Mapping[str, frozenset[str]] = value_words()["nouns"]
    return next((kind for kind in kinds if option.removeprefix("--") in kinds[kind]), "")
