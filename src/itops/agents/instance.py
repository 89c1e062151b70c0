"""An exact instance of an instruction: the template filled by code, never by a model."""

import re
from typing import Final

from itops.agents.base_agent import ProposeRequest
from itops.agents.parameter_filler import fill
from itops.agents.prompting import Unfit
from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction, Parameter
from itops.domain.outcome import Step
from itops.domain.plan import Question, ScriptProposal
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.parameters import complete
from itops.scripts.renderer import placeholders, render

_PLACEHOLDER: Final = re.compile(r"[<{\[$].*[>}\]]|\?+|unknown|none|null|n/a", re.IGNORECASE | re.DOTALL)
# Types whose values people say in other words than commands want ("half a gigabyte", "last hour").
_SAID_OTHERWISE: Final = frozenset({"text", "size", "duration", "count", "date", "mode", "signal", "pid"})


def instance_of(
    instruction: Instruction, block: Block, given: dict[str, str], request: ProposeRequest, *, look: bool, purpose: str
) -> ScriptProposal | Question:
    """The instruction's block with these values, or a question for a value that nobody gave.

    Raises:
        Unfit: a value fails its pattern; ``otherwise`` is the ``InvalidParameter``.
    """
    try:
        completion = complete(instruction, _values(instruction, given, request))
        if completion.missing:
            return _asking(completion.missing[0])
        guessed = _guessed(instruction, completion.values, request)
        if guessed is not None:
            return _asking(guessed)
        return _proposal(instruction, block, completion.values, look=look, purpose=purpose)
    except (InvalidParameter, InvalidInstruction) as error:
        raise Unfit(error.what, otherwise=error) from error


def _proposal(
    instruction: Instruction, block: Block, values: dict[str, str], *, look: bool, purpose: str
) -> ScriptProposal:
    used = {name: values[name] for name in placeholders(block.text) if name in values}
    return ScriptProposal(
        language=block.language,
        text=render(block.text, block.language, used),
        purpose=purpose,
        instruction=instruction.ref,
        block=block.kind,
        parameters=values,
        look=look,
    )


def _values(instruction: Instruction, given: dict[str, str], request: ProposeRequest) -> dict[str, str]:
    """The model's values, spelt as commands want them; what a person answered about a parameter goes before.

    Raises:
        InvalidParameter: a value is not one that its parameter may take.
    """
    said = {name: value.strip() for name, value in given.items() if value.strip()}
    known = request.subtask.parameters | {k: v for k, v in said.items() if not _PLACEHOLDER.fullmatch(v)}
    answered = {exchange.question.parameter for exchange in request.exchanges}
    rest = {name: value for name, value in known.items() if name not in answered}
    filled = fill(instruction, request.subtask.words, rest, request.exchanges)
    wanted = {*known, *answered, *(one.name for one in instruction.parameters if one.default is None)}
    for invalid in filled.invalid:
        if invalid.parameter.name in wanted:
            raise invalid.error
    return {name: value for name, value in filled.values.items() if name in wanted}


def _asking(parameter: Parameter) -> Question:
    about = parameter.description or parameter.name
    return Question(text=f"Which value is wanted for {parameter.name} ({about})?", parameter=parameter.name)


def _guessed(instruction: Instruction, values: dict[str, str], request: ProposeRequest) -> Parameter | None:
    """The first value of a change that names something, and stands in nothing that people said or outputs showed."""
    if instruction.effect is Effect.READ:
        return None
    said = [request.task.words, *(turn.words + turn.answer for turn in request.task.history)]
    said += [exchange.answer for exchange in request.exchanges]
    said += [output for step in (*request.earlier, *request.steps) for output in _outputs(step)]
    known = _squashed(" ".join(said))
    for parameter in instruction.parameters:
        value = values[parameter.name]
        free = parameter.type in _SAID_OTHERWISE or value == parameter.default
        if not free and _squashed(value) not in known:
            return parameter
    return None


def _outputs(step: Step) -> list[str]:
    return [output.text for result in step.results for output in (result.stdout, result.stderr)]


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
