"""What a bare name stands for: "delete bob" may be about a user or a group, and the wrong one is not to be deleted."""

import re
from typing import Final

from itops.agents.parameter_filler import fill
from itops.agents.part_finder import Part
from itops.agents.value_shapes import choices, has_shape, kind_of
from itops.agents.vocabulary import vocabulary
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.domain.outcome import Exchange
from itops.domain.plan import Question
from itops.errors import TaskCancelled

_KIND_OF: Final = "kind of "
_ASKED_AT_MOST: Final = 3


def with_kinds(words: str, exchanges: tuple[Exchange, ...]) -> str:
    """The words with each name called what the person answered that it is: "delete user bob"."""
    for said in exchanges:
        name = said.question.parameter.removeprefix(_KIND_OF)
        kinds = [word for word in re.findall(r"\w+", said.answer.lower()) if word in _kinds(said.question)]
        if name != said.question.parameter and len(set(kinds)) == 1:
            words = re.sub(rf"(?<!\S)(?={re.escape(name)}(?![\w-]))", f"{kinds[0]} ", words, count=1)
    return words


def which_kind(part: Part, exchanges: tuple[Exchange, ...]) -> Question | None:
    """The question what a name of the part stands for, where instructions that change things differ over it.

    Raises:
        TaskCancelled: the person was asked several times and did not say.
    """
    names = _names(part.best.instruction, part.words) if part.best else {}
    said = set(re.findall(r"\w+", part.words.lower()))
    if not names or said & {*vocabulary().kinds, *names.values()}:
        return None
    kinds: dict[str, None] = {}
    name = ""
    for ranked in part.found:
        for value, kind in _names(ranked.instruction, part.words).items():
            if ranked.confident and value in names:
                name, kinds = value, kinds | {kind: None}
    if len(kinds) < 2:  # noqa: PLR2004 - one is what it is
        return None
    question = Question(text=f"Is “{name}” a {' or a '.join(kinds)}?", parameter=_KIND_OF + name)
    if sum(said.question.parameter == question.parameter for said in exchanges) >= _ASKED_AT_MOST:
        raise TaskCancelled(f"Not done: it stays open what “{name}” is.", world="Nothing ran.")
    return question


def _names(instruction: Instruction, words: str) -> dict[str, str]:
    """The values that any type of thing might be called by, with the type that an instruction takes them for."""
    if instruction.effect is Effect.READ:
        return {}
    types = {
        one.name: one.name if one.type == "name" else one.type
        for one in instruction.parameters
        if one.default is None and one.type != "text" and not has_shape(kind_of(one)) and not choices(one)
    }
    return {value: types[name] for name, value in fill(instruction, words).values.items() if name in types}


def _kinds(question: Question) -> list[str]:
    return re.findall(r"\ba (\w+)", question.text.rpartition("”")[2])
