"""What a value of each type looks like in a person's words, and how a program wants it spelt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from itops.agents.vocabulary import vocabulary
from itops.domain.instruction import Parameter

QUOTED: Final = re.compile(r"`[^`\n]+`|\"[^\"\n]+\"|“[^”\n]+”|(?<![\w/])'[^'\n]+'(?!\w)")
_MASK: Final = "\ue000"
_SHAPES: Final = {
    "path": r"(?<![\w/.~:\\])(?:[A-Za-z]:\\|\\\\[\w.-]+\\|HK(?:LM|CU):\\)[^\s,;\"'`?!]*"
    r"|(?<![\w/.~:])(?:~[\w.-]*/|\.{1,2}/|/)[^\s,;\"'`?!]*|(?<!\S)~(?!\S)",
    "device": r"(?<!\S)/dev/[\w/.-]+",
    "url": r"\b[a-z][a-z0-9+.-]+://[^\s\"'<>]+",
    "host": r"(?<![\w/@.-])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,7}"
    r"|\w[\w-]*(?:\.\w[\w-]*)*\.[A-Za-z]\w+)(?![\w/@-])",
    "port": r"(?<![\w./-])\d+(?![\w/-]|\.\d)",
    "pid": r"(?<![\w./-])\d+(?![\w/-]|\.\d)",
    "count": r"(?<![\w./-])-?\d+(?![\w/-]|\.\d)|\b(?:<numbers>)\b",
    "size": r"(?<![\w./-])\d+(?:\.\d+)?\s?(?:<sizes>)?\b",
    "duration": r"(?<![\w./-])(?:\d+(?:\.\d+)?\s?|\b(?:<numbers>|an?)\s+)?(?:<times>)\b",
    "mode": r"(?<![\w./-])(?:[0-7]{3,4}|[ugoa]*[-+=][rwxXst]+(?:,[ugoa]*[-+=][rwxXst]+)*)(?![\w/])",
    "date": r"(?<![\w./-])\d{4}-\d\d?-\d\d?(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?(?!\w)",
    "instance_id": r"\bi-[0-9a-f]+\b",
    "region": r"\b[a-z]{2}(?:-[a-z]{2,4})?-[a-z]{4,9}-\d\b",
    "account_id": r"(?<!\S)\d{12}\b",
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
}
_TELLING: Final = {
    "instance_id": re.compile(r"i-[0-9a-f]{8,}"),
    "interface": re.compile(r"(?:eth|en[ops]|wlan?|wl[ops]|bond|br|team|tun|tap|wg|virbr|veth)\d[\w.@:-]*|lo"),
}
"""What can be nothing else, wherever it stands."""

_CHOICES: Final = re.compile(r"\w{3,}(?:\|\w{3,})+")
_WORD: Final = r"(?<![^\s(,])[^\s\ue000(][^\s\ue000]*"
_HOST_WORD: Final = re.compile(r"(?<![^\s(,])[A-Za-z0-9][\w-]*(?=[\s,;?!')]|$|\.(?:\s|$)|:\d)")
_AMOUNTS: Final = frozenset({"count", "size", "duration", "date"})
_DISTINCT: Final = frozenset(
    {
        "path",
        "device",
        "url",
        "host",
        "size",
        "duration",
        "mode",
        "date",
        "instance_id",
        "region",
        "account_id",
        "email",
    }
)
_TRAILING: Final = ".,;:?!)\"'"
_TEXTS: Final = frozenset({"text", "name"})
_LETTERS: Final = {1024: "K", 1024**2: "M", 1024**3: "G", 1024**4: "T"}
_CLOCK: Final = {604800: "w", 86400: "d", 3600: "h", 60: "m", 1: "s"}


@dataclass(frozen=True)
class Value:
    """A value where it stands in the words. ``plain``: it looks like its type wherever it stands."""

    text: str
    start: int
    end: int
    plain: bool = False
    quoted: bool = False


def kind_of(parameter: Parameter) -> str:
    """The type to look for: a count that is named after a unit of time is an amount of time."""
    named = parameter.name.lower() in vocabulary().times and len(parameter.name) > 1
    return "duration" if named and parameter.type in ("count", "text", "duration") else parameter.type


def has_shape(kind: str) -> bool:
    """Whether values of the type look different from words; a host may, but "web1" does not."""
    return kind in _SHAPES and kind != "host"


def has_number(kind: str) -> bool:
    """Whether a value of the type is an amount, which says nothing of what is wanted."""
    return kind in _AMOUNTS


def looks_otherwise(kind: str, text: str) -> bool:
    """Whether a word can only be a value of another type than this: "eth0" is no service."""
    return any(shape.fullmatch(text) for another, shape in _TELLING.items() if another != kind)


def values(kind: str, words: str) -> Iterator[Value]:
    """Everything in the words that may be a value of this type, in order; a quoted string is whole."""
    masked = QUOTED.sub(lambda found: _MASK * len(found[0]), words)
    shape = _pattern(kind)
    for found in QUOTED.finditer(words):
        inside = found[0][1:-1]
        if shape is None or shape.fullmatch(inside) or (kind == "path" and shape.match(inside)):
            yield Value(inside, *found.span(), plain=kind in _DISTINCT | _TEXTS, quoted=True)
    for found in (shape or re.compile(_WORD)).finditer(masked):
        text = found[0].removesuffix("'s").rstrip(_TRAILING)
        if text and not (kind == "duration" and re.search(r"\d[A-Z]$", text)):
            plain = bool(shape and kind in _DISTINCT and _is_plain(kind, text)) or _can_only_be(kind, text)
            yield Value(text, found.start(), found.start() + len(text), plain=plain)
    if kind == "host":
        yield from (Value(found[0], *found.span()) for found in _HOST_WORD.finditer(masked))


def spellings(parameter: Parameter, text: str) -> Iterator[str]:
    """A value as it may have to be spelt, the likeliest first; the parameter's pattern decides."""
    kind = kind_of(parameter)
    if kind == "size":
        yield from _sizes(text)
    elif kind == "duration":
        yield from _durations(parameter, text)
    elif kind == "count":
        yield str(vocabulary().numbers.get(text.lower(), text))
    else:
        yield text
        yield text.removeprefix(f"{parameter.name}/")


def choices(parameter: Parameter) -> tuple[str, ...]:
    """The words that a parameter may be, where its pattern lists them: "tcp|udp"."""
    return tuple(parameter.pattern.split("|")) if _CHOICES.fullmatch(parameter.pattern) else ()


@cache
def _pattern(kind: str) -> re.Pattern[str] | None:
    """The shape of a type; none where any word may be one."""
    if kind not in _SHAPES:
        return None
    words, shape = vocabulary(), _SHAPES[kind]
    for name, entries in (("numbers", words.numbers), ("times", words.times), ("sizes", words.sizes)):
        shape = shape.replace(f"<{name}>", "|".join(sorted(entries, key=len, reverse=True)))
    return re.compile(shape, re.IGNORECASE)


def _can_only_be(kind: str, text: str) -> bool:
    return kind in _TELLING and bool(_TELLING[kind].fullmatch(text))


def _is_plain(kind: str, text: str) -> bool:
    if kind in ("size", "duration"):
        return text[0].isdigit() and not text.isdigit()
    return kind != "mode" or not text.isdigit()


def _sizes(text: str) -> Iterator[str]:
    yield text
    amount, unit = _amount(text, vocabulary().sizes)
    if not unit:
        return
    total = amount * unit
    for factor in sorted((each for each in _LETTERS if each <= unit), reverse=True):
        if total % factor == 0:
            number, letter = int(total // factor), _LETTERS[factor]
            yield from (f"{number}{form}" for form in (letter, letter.lower(), f"{letter}B", f"{letter}iB"))
    yield str(int(total))


def _durations(parameter: Parameter, text: str) -> Iterator[str]:
    wanted = vocabulary().times.get(parameter.name.lower(), 0) if len(parameter.name) > 1 else 0
    amount, unit = _amount(text, vocabulary().times)
    total = amount * (unit or wanted)
    if wanted and total % wanted == 0:
        yield str(int(total // wanted))
    if not wanted:
        yield text
        for factor, letter in sorted(_CLOCK.items(), key=lambda entry: (entry[0] != unit, -entry[0])):
            if total and total % factor == 0:
                yield f"{int(total // factor)}{letter}"


def _amount(text: str, units: dict[str, int]) -> tuple[float, int]:
    """How many of which unit; the unit is 0 where none is named."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)?\s*([A-Za-z]*)\s*([A-Za-z]*)", text)
    if not found:
        return 0.0, 0
    number, first, second = found[1], found[2].lower(), found[3].lower()
    if number is None:
        word, unit = (first, second) if second else ("one", first)
        return float(vocabulary().numbers.get(word, 1)), units.get(unit, 0)
    return float(number), units.get(first, 0)
