"""Values for an instruction's parameters out of a person's words, by phrases and types; never a guess."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from itops.agents.value_shapes import (
    QUOTED,
    Value,
    choices,
    has_number,
    has_shape,
    kind_of,
    looks_otherwise,
    spellings,
    values,
)
from itops.agents.vocabulary import verb_form, vocabulary
from itops.domain.instruction import Instruction, Parameter
from itops.domain.outcome import Exchange
from itops.errors import InvalidParameter
from itops.scripts.parameters import validate

_TAKEN: Final = 0.1
_WANTED: Final = 0.1
_LEFT: Final = 0.1
_HOST: Final = re.compile(r"\b(?:on|ticket|host|server|machine)\s+$", re.IGNORECASE)
_MACHINE: Final = frozenset({"box", "computer", "host", "machine", "server", "system"})
_NOUN: Final = re.compile(r"(?<![\w/.'-])[A-Za-z][\w-]*")
_NEXT: Final = re.compile(r"[ ]([^\s,;:!?]+)")
_VALUE: Final = re.compile(QUOTED.pattern + r"|(?<!\S)(?:\S*[/\d]\S*|--?[A-Za-z]\S*)")
_AROUND: Final = 100
_ARTICLE: Final = re.compile(r"\b(?:the|a|an|my|our|your|his|her|their|this|that)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class InvalidValue:
    """A value that the person plainly gave but that its parameter can't take, and why."""

    parameter: Parameter
    value: str
    error: InvalidParameter


@dataclass(frozen=True)
class Filled:
    """The values found, the parameters that nobody has given a value for, and the values that can't be taken."""

    values: dict[str, str]
    missing: tuple[Parameter, ...]
    invalid: tuple[InvalidValue, ...]


def fill(
    instruction: Instruction, words: str, known: Mapping[str, str] | None = None, exchanges: Iterable[Exchange] = ()
) -> Filled:
    """What is known of the parameters: values given, answers to questions, and what the words say.

    Each word is used by one parameter only. Defaults are not filled in, and a parameter that has one is never missing.
    """
    filler = _Filler(instruction, words)
    for parameter in instruction.parameters:
        given = (known or {}).get(parameter.name) or _answer(instruction, parameter, exchanges)
        if given is not None:
            filler.take(parameter, given)
    filler.read()
    missing = tuple(
        parameter
        for parameter in instruction.parameters
        if parameter.default is None and parameter.name not in filler.values and parameter.name not in filler.invalid
    )
    return Filled(values=filler.values, missing=missing, invalid=tuple(filler.invalid.values()))


@dataclass(frozen=True)
class Reading:
    """How a request reads as one of an instruction: how well its values fit, and its words in general."""

    fit: float
    words: str


def read_as(instruction: Instruction, words: str, context: str = "") -> Reading:
    """The request as one of this instruction.

    Fit rises with values that the instruction takes, and falls with those that it has no use for and with those that it
    wants and that neither the words nor the context around them bring.
    Instructions are written in general, so in the words its name stands for a value: "restart service" for "restart
    nginx". A word that may not be a name ("restart my career") stays, and counts for nothing.
    """
    filler = _Filler(instruction, words)
    filler.read()
    around = fill(instruction, context).values if context not in ("", words) else {}
    wanted = [one.name for one in instruction.parameters if one.default is None and one.name not in filler.values]
    fit = sum(_TAKEN / 2 if name in around else -_WANTED for name in wanted) - _LEFT * len(filler.loose())
    for parameter, value in sorted(filler.used, key=lambda pair: -pair[1].start):
        if value.plain or (value in filler.named and not _ARTICLE.search(words[: value.start])):
            fit += _TAKEN
            before, behind = words[: value.start], words[value.end :]
            noun = "" if has_number(kind_of(parameter)) or before.rstrip().endswith(parameter.type) else parameter.type
            words = before + noun + behind
    return Reading(fit, " ".join(words.split()))


def unexplained(instruction: Instruction, words: str) -> list[str]:
    """What the words say that this instruction has no use for, and that it should have.

    Paths, quotes and times; what looks like the rest of a value ("/tmp/my file.txt"); and, where the instruction needs
    no value and knows nothing of what the words are about, that ("restart the network" for a reboot).
    """
    filler = _Filler(instruction, words)
    filler.read()
    own = "\n".join(
        (instruction.title, *instruction.phrases, instruction.prose, *(one.text for one in instruction.blocks))
    )
    used = {value.text for _, value in filler.used}
    found = (*(value for value in filler.loose() if not value.text.isdigit()), *filler.behind(), *filler.strange())
    return list(dict.fromkeys(value.text for value in found if value.text not in own and value.text not in used))


def accept(parameter: Parameter, text: str) -> str:
    """The value as its parameter wants it spelt.

    Raises:
        InvalidParameter: no spelling of it is one that the parameter may take.
    """
    refusal: InvalidParameter | None = None
    for spelling in dict.fromkeys(spellings(parameter, text)):
        try:
            return validate(parameter, spelling)
        except InvalidParameter as error:
            refusal = refusal or error
    raise refusal or InvalidParameter(f"The value {text!r} of parameter {parameter.name!r} does not fit.")


def _answer(instruction: Instruction, parameter: Parameter, exchanges: Iterable[Exchange]) -> str | None:
    """What a person last answered about a parameter: the answer as it is, or the one value in it ("user alice")."""
    answers = [said.answer.strip() for said in exchanges if said.question.parameter == parameter.name]
    if not answers:
        return None
    bare = answers[-1].strip("\"'`")
    try:
        return accept(parameter, bare)
    except InvalidParameter:
        inside = fill(instruction.model_copy(update={"parameters": (parameter,)}), answers[-1])
        return inside.values.get(parameter.name, bare)


class _Filler:
    """One reading of one request for one instruction."""

    def __init__(self, instruction: Instruction, words: str) -> None:
        self._instruction = instruction
        self._words = words
        self.used: list[tuple[Parameter, Value]] = []
        self.named: set[Value] = set()
        self.values: dict[str, str] = {}
        self.invalid: dict[str, InvalidValue] = {}

    def read(self) -> None:
        """Phrases first, the longest of all parameters before the shorter; then what looks like its type anywhere."""
        for parameter, phrase in self._phrases:
            if self._open(parameter):
                self._try(parameter, self._said(parameter, phrase), names=_names(phrase))
        for parameter in self._instruction.parameters:
            if self._open(parameter):
                may_be = choices(parameter)
                found = (one for one in values(kind_of(parameter), self._words) if one.plain or one.text in may_be)
                self._try(parameter, found, names=True)

    def take(self, parameter: Parameter, text: str) -> None:
        """Use a value that was given for this parameter, or note why it can't be used."""
        try:
            self.values[parameter.name] = accept(parameter, text)
        except InvalidParameter as error:
            self.invalid[parameter.name] = InvalidValue(parameter, text, error)

    def loose(self) -> list[Value]:
        """The words that are plainly values (numbers, paths, quotes) and are not used; hosts are not ("on web-2")."""
        found = (Value(each[0].rstrip(".,;:!?)"), *each.span()) for each in _VALUE.finditer(self._words))
        return [value for value in found if self._free(value) and not _HOST.search(self._words[: value.start])]

    def behind(self) -> list[Value]:
        """The words right behind a value that may be the rest of it."""
        rests = ((value, _NEXT.match(self._words, value.end)) for _, value in self.used if not value.quoted)
        found = [(value, Value(rest[1], *rest.span(1))) for value, rest in rests if rest]
        return [
            rest
            for value, rest in found
            if self._free(rest)
            and self._is_unknown(rest.text)
            and (not rest.text.replace("'", "").isalpha() or ("/" in value.text and rest.end == len(self._words)))
        ]

    def strange(self) -> list[Value]:
        """What the words are about, where the instruction needs no value and knows none of it."""
        if any(parameter.default is None for parameter in self._instruction.parameters):
            return []
        said = (Value(each[0], *each.span()) for each in _NOUN.finditer(self._words))
        things = [
            value
            for value in said
            if self._free(value) and not (verb_form(value.text) or _is_common(value.text) or value.text in _MACHINE)
        ]
        return [] if any(self._knows(value.text) for value in things) else things

    def _is_unknown(self, word: str) -> bool:
        word = word.lower().rstrip(".,;:!?)")
        known = vocabulary()
        return not (verb_form(word) or _is_common(word) or word in known.kinds | known.roles or self._knows(word))

    def _knows(self, word: str) -> bool:
        return _stem(word.lower()) in self._own or _stem(word.lower()) in self._instruction.prose.lower()

    def _open(self, parameter: Parameter) -> bool:
        return parameter.name not in self.values

    def _try(self, parameter: Parameter, found: Iterable[Value], *, names: bool) -> None:
        """The first free value that fits; where none does, one that was plainly meant is noted as invalid."""
        for value in found:
            if not self._free(value):
                continue
            try:
                self.values[parameter.name] = accept(parameter, value.text)
            except InvalidParameter as error:
                if names or value.plain or value.quoted:
                    self.invalid.setdefault(parameter.name, InvalidValue(parameter, value.text, error))
            else:
                self.invalid.pop(parameter.name, None)
                self.used.append((parameter, value))
                self.named |= {value} if names else set()
                return

    def _said(self, parameter: Parameter, phrase: str) -> Iterator[Value]:
        before, _, after = phrase.partition("{}")
        for value in values(kind_of(parameter), self._words):
            if not self._stands(value, before, after):
                continue
            if value.quoted or self._may_be_name(parameter, value, named=before.strip() in vocabulary().kinds):
                yield value

    def _stands(self, value: Value, before: str, after: str) -> bool:
        """Whether the words around a value are those of the phrase; "the", "user", "called" may stand between."""
        ahead = self._words[max(0, value.start - _AROUND) : value.start]
        behind = self._words[value.end : value.end + _AROUND]
        between = (
            r"\s*(?:\b(?:the|a|an|my|our|this|that|(?:is\s+)?(?:called|named)|"
            + "|".join(vocabulary().kinds | vocabulary().roles)
            + r")\s+)*"
        )
        gap = between if before.endswith(" ") else ""
        edge = r"(?<!\w)" if before[:1].isalnum() else ""
        led = not before or re.search(rf"{edge}{_loose(before)}{gap}$", ahead, re.IGNORECASE)
        return bool(led) and (not after or bool(re.match(rf"{_loose(after)}(?!\w)", behind, re.IGNORECASE)))

    def _free(self, value: Value) -> bool:
        return all(value.end <= used.start or used.end <= value.start for _, used in self.used)

    def _may_be_name(self, parameter: Parameter, value: Value, *, named: bool) -> bool:
        """A word of the language, or of the instruction itself, is not a name that somebody gave to something.

        People give logins and groups the names of verbs ("user deploy"); nothing else follows "user" so closely.
        """
        if value.plain or has_shape(kind_of(parameter)):
            return True
        if self._belongs_elsewhere(parameter, value):
            return False
        word = value.text.lower()
        if looks_otherwise(kind_of(parameter), value.text) or word in vocabulary().roles:
            return False
        if verb_form(word) and not (named and parameter.type in ("user", "group")):
            return False
        return word not in vocabulary().stop | vocabulary().kinds and _stem(word) not in self._own

    def _belongs_elsewhere(self, parameter: Parameter, value: Value) -> bool:
        """Whether a word plainly is a value of another parameter's type: a path is no search text."""
        return any(
            other.plain and other.start < value.end and value.start < other.end
            for another in self._instruction.parameters
            if another is not parameter
            for other in values(kind_of(another), self._words)
        )

    @cached_property
    def _own(self) -> set[str]:
        """The words of the title and the phrases, but for those that are examples of values."""
        said = " ".join((self._instruction.title, *self._instruction.phrases)).lower()
        examples = {parameter.example.lower() for parameter in self._instruction.parameters}
        return {_stem(word) for word in re.findall(r"[\w.-]+", said) if word not in examples}

    @cached_property
    def _phrases(self) -> list[tuple[Parameter, str]]:
        """Every way to say every parameter: first those that name it, and the long before the short."""
        cues = vocabulary().cues
        pairs = [
            (parameter, phrase)
            for parameter in self._instruction.parameters
            for phrase in (*parameter.phrases, *cues.get(kind_of(parameter), ()), *_options(parameter))
            if "{}" in phrase
        ]
        return sorted(pairs, key=lambda pair: (not _names(pair[1]), -len(pair[1].split())))


def _options(parameter: Parameter) -> tuple[str, str]:
    """How a parameter is given on a command line: "-n shop"."""
    return f"--{parameter.name} {{}}", f"-{parameter.name[0]} {{}}"


def _names(phrase: str) -> bool:
    """Whether a phrase names what it speaks of ("user {}"), rather than only leading to it ("for {}")."""
    return any(word.isalpha() and word not in vocabulary().stop for word in phrase.replace("{}", " ").lower().split())


def _loose(literal: str) -> str:
    return r"\s+".join(re.escape(word) for word in literal.split(" ")) if literal else ""


def _is_common(word: str) -> bool:
    known = vocabulary()
    return word.lower() in known.stop | known.times.keys() | known.sizes.keys() | known.numbers.keys()


def _stem(word: str) -> str:
    return word.removesuffix("s")
