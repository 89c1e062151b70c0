"""The values of a request that stand in the scripts that answered it: what would be its instruction's parameters."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Parameter
from itops.errors import InvalidInstruction, InvalidParameter
from itops.instructions.learning.script_words import ScriptWord, value_words
from itops.scripts.parameters import validate

_TOKEN: Final = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|(?<!\w)'([^'\n]+)'(?!\w)|(\S+)")
_EDGES: Final = ".,;:?!()[]\"'`"
_PAIR: Final = re.compile(r"[a-z_][\w.-]*:[a-z_][\w.-]*")
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]*)")
_SHAPES: Final = {
    "device": re.compile(r"/dev/\S+"),
    "path": re.compile(r"\.{0,2}/\S*|[A-Za-z]:\\.*"),
    "url": re.compile(r"[a-z][a-z0-9+.-]+://\S+"),
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "instance_id": re.compile(r"i-[0-9a-f]{8,17}"),
    "region": re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?-[a-z]{4,9}-\d"),
    "host": re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
}
_SIZES: Final = {"k": "K", "m": "M", "g": "G", "t": "T"}
_SIZE_UNIT: Final = re.compile(r"([kmgt])(?:i?b|ilobytes?|eg(?:abyte)?s?|ig(?:abyte)?s?|erabytes?)?", re.IGNORECASE)
_TIMES: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TIME_UNIT: Final = re.compile(r"([smhdw])(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?", re.IGNORECASE)
_VAGUE: Final = frozenset({"", "text", "name", "path"})
_UNUSUAL: Final = re.compile(r"[\d._/-]|\w[A-Z]")


@dataclass(frozen=True)
class Value:
    """A value as scripts spell it, and the parameter that would bring it.

    ``start`` and ``end`` are its place in the request; both 0 where the request does not hold it as it is spelt.
    """

    text: str
    parameter: Parameter
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class _Token:
    """A word of the request, with its neighbours in lower case."""

    text: str
    start: int
    end: int
    quoted: bool
    before: str = ""
    after: str = ""


def recognise(request: str, scripts: Sequence[ScriptWord], known: Mapping[str, Parameter]) -> list[Value]:
    """The values, each once, in the order of the request, their names all different.

    Args:
        request: What the person said.
        scripts: The words of the scripts; a value stands in one of them.
        known: Values that scripts were written with, and what they are of.
    """
    said = list(_tokens(request))
    found = [_known(text, parameter, said) for text, parameter in known.items()]
    whole = "\n".join(word.text for word in scripts)
    for token in (one for one in said if _core(one) in whole):
        if all(token.end <= one.start or one.end <= token.start for one in found):
            found += itertools.islice((one for one in _readings(token, scripts) if _stands(one, scripts)), 1)
    by_text = {one.text: one for one in reversed(found) if _stands(one, scripts)}
    return list(_named_apart(sorted(by_text.values(), key=lambda one: one.start)))


def nouns_of(kind: str) -> frozenset[str]:
    """The words that name a kind of value."""
    nouns: frozenset[str] = value_words()["nouns"].get(kind, frozenset())
    return nouns | {kind}


def _tokens(request: str) -> Iterator[_Token]:
    plain: list[_Token] = []
    for match in _TOKEN.finditer(request):
        group = match.lastindex or 0
        text, start = match[group], match.start(group)
        if group == _TOKEN.groups:
            start += len(text) - len(text.lstrip(_EDGES.replace(".", "")))
            text = text.lstrip(_EDGES.replace(".", "")).rstrip(_EDGES).removesuffix("'s")
        if text:
            plain.append(_Token(text, start, start + len(text), group != _TOKEN.groups))
            plain += [_Token(part[0], start + part.start(), start + part.end(), quoted=False) for part in _halves(text)]
    words = ["", *(token.text.lower() for token in plain), ""]
    for token, before, after in zip(plain, words, words[2:], strict=False):
        yield _Token(token.text, token.start, token.end, token.quoted, before, after)


def _halves(text: str) -> Iterable[re.Match[str]]:
    """Two names in one word: an owner and a group."""
    return re.finditer("[^:]+", text) if _PAIR.fullmatch(text) else ()


def _core(token: _Token) -> str:
    """What any spelling of a word holds."""
    amount = _AMOUNT.fullmatch(token.text)
    return amount[1] if amount else token.text.rstrip("/")


def _known(text: str, parameter: Parameter, said: Iterable[_Token]) -> Value:
    same = next((token for token in said if token.text == text), None)
    return Value(text, parameter, same.start, same.end) if same else Value(text, parameter)


def _stands(value: Value, scripts: Iterable[ScriptWord]) -> bool:
    try:
        validate(value.parameter, value.text)
    except (InvalidParameter, InvalidInstruction):
        return False
    return any(True for word in scripts for _ in word.spots(value.text, value.parameter.type))


def _readings(token: _Token, scripts: Sequence[ScriptWord]) -> Iterator[Value]:
    """What a word of the request may be the value of, the likeliest first."""
    amount = None if token.quoted else _AMOUNT.fullmatch(token.text)
    if amount:
        yield from _amounts(token, amount)
    text = token.text.rstrip("/") if len(token.text) > 1 else token.text
    kind = _kind(token, text, scripts)
    if kind:
        yield _value(token, text, kind, name=_name(token, kind))
        if kind != "text" and (token.quoted or kind == "user"):
            yield _value(token, text, "name")
            yield _value(token, text, "text")


def _amounts(token: _Token, amount: re.Match[str]) -> Iterator[Value]:
    """A number with its unit, as programs spell it; the unit may be a word of its own."""
    number, unit = amount[1], amount[2] or token.after
    size, time = _SIZE_UNIT.fullmatch(unit), _TIME_UNIT.fullmatch(unit)
    if time:
        letter = time[1].lower()
        for spelling in (f"{number}{letter}", f"{number}{unit}", f"{number}{_TIMES[letter]}"):
            yield _value(token, spelling, "duration")
        yield _value(token, number, "count", name=_TIMES[letter])
    if size:
        letter = _SIZES[size[1].lower()]
        for spelling in (token.text, *(f"{number}{letter}{rest}" for rest in ("", "B", "iB")), f"{number}{size[1]}"):
            if not spelling.isdigit():
                yield _value(token, spelling, "size")


def _kind(token: _Token, text: str, scripts: Sequence[ScriptWord]) -> str:
    """The type of a word: by its shape, by its place in a script, by the noun beside it; empty where it is no value."""
    shape = next((kind for kind, pattern in _SHAPES.items() if pattern.fullmatch(text)), "")
    place = _place(text, scripts)
    if text.isdigit():
        noun = next((kind for kind in ("port", "pid") if token.before in nouns_of(kind)), "")
        return noun or (place if place not in _VAGUE else "count")
    noun = _noun(token)
    if (
        token.text.lower() in value_words()["common"]
        and not token.quoted
        and token.before not in nouns_of(noun or "user")
    ):
        return ""
    if shape or (place not in _VAGUE):
        return shape or place
    if noun or place:
        return noun or place
    return "name" if token.quoted or _UNUSUAL.search(text) else ""


def _place(text: str, scripts: Iterable[ScriptWord]) -> str:
    """The type that a value's place in the scripts gives it; of several, the one that says most."""
    kinds = [kind for word in scripts for kind in _kinds_at(text, word)]
    return next((kind for kind in kinds if kind not in _VAGUE), next(filter(None, kinds), ""))


def _kinds_at(text: str, word: ScriptWord) -> Iterator[str]:
    if ":" in word.kind:
        parts = zip(word.text.split(":"), word.kind.split(":"), strict=False)
        yield from (kind for part, kind in parts if part == text)
    elif word.text == text or (word.kind and word.text.endswith(f"={text}")):
        yield word.kind


def _noun(token: _Token) -> str:
    kinds: Mapping[str, frozenset[str]] = value_words()["nouns"]
    for neighbour in (token.before, token.after):
        for kind, nouns in kinds.items():
            if neighbour in nouns:
                return kind
    return ""


def _name(token: _Token, kind: str) -> str:
    """What a value is called: its type; a thing that has no type of its own, by the noun beside it."""
    nouns = value_words()["nouns"]["name"]
    near = [word for word in (token.before, token.after) if kind == "name" and word in nouns]
    return near[0] if near else kind


def _value(token: _Token, text: str, kind: str, *, name: str = "") -> Value:
    about = f"{value_words()['descriptions'].get(kind, kind.capitalize())}"
    if name and name not in (kind, "name"):
        about = f"Number of {name}" if kind == "count" else f"Name of the {name}"
    is_word = token.before.isalpha() and token.before not in ("the", "a", "an", "my", "our", "this", "that")
    phrases = (f"{token.before} {{}}",) if is_word else ()
    parameter = Parameter(name=name or kind, description=about, type=kind, example=text, phrases=phrases)
    return Value(text, parameter, token.start, token.end)


def _named_apart(values: Iterable[Value]) -> Iterator[Value]:
    """The values, with a number behind a name that an earlier one has."""
    taken: set[str] = set()
    found = list(values)
    texts = {value.text.lower() for value in found}
    for value in found:
        names = itertools.chain([value.parameter.name], (f"{value.parameter.name}_{n}" for n in itertools.count(2)))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        phrases = tuple(one for one in value.parameter.phrases if one.removesuffix(" {}") not in texts)
        parameter = value.parameter.model_copy(update={"name": name, "example": value.text, "phrases": phrases})
        yield Value(value.text, parameter, value.start, value.end)
