"""Template agent: your instructions alone, no model."""

from typing import Final

from itops.agents.agent_factory import AgentTools
from itops.agents.base_agent import (
    AnswerRequest,
    AnswerThought,
    BaseAgent,
    InstructionSearch,
    PlanRequest,
    PlanThought,
    ProposeRequest,
    ProposeThought,
)
from itops.agents.doubts import confirmation, without_banned
from itops.agents.parameter_filler import Filled, fill
from itops.agents.part_finder import (
    FilledPart,
    Find,
    Part,
    cover,
    fill_parts,
    find_parts,
    no_instruction,
    not_covered,
)
from itops.agents.rivals import which_kind, with_kinds
from itops.agents.template_answer import failure_of, template_answer
from itops.domain.instruction import Block, Instruction, Parameter, RankedInstruction
from itops.domain.outcome import Exchange
from itops.domain.plan import Done, Plan, Planning, Proposal, Question, ScriptProposal, Subtask
from itops.domain.target import Target
from itops.scripts.parameters import complete, example_of
from itops.scripts.renderer import placeholders, render

_ASKED_AT_MOST: Final = 3
_CLOSING: Final = "Answered from instructions alone, without a model."


class TemplateAgent:
    """Splits at joints, fills templates with the values that words bring, and asks for what they don't."""

    name = "template"

    def __init__(self, search: InstructionSearch) -> None:
        self._search = search

    async def plan(self, request: PlanRequest) -> PlanThought:
        """Split where each part finds its instruction; ask for what is missing before anything runs."""
        said, find = request.task.words, self._find(request.targets)
        words = with_kinds(said, request.exchanges)
        parts = await find_parts(words, request.found if words == said else tuple(await find(words)), find)
        open_ = not_covered(parts) or next(filter(None, (which_kind(part, request.exchanges) for part in parts)), None)
        if open_:
            return PlanThought(planning=open_)
        filled = without_banned(words, fill_parts(words, parts, request.exchanges))
        return PlanThought(planning=_planned(words, filled, request.exchanges))

    async def propose(self, request: ProposeRequest) -> ProposeThought:
        """The run block of the instruction that covers the subtask, once."""
        ended = _ended(request)
        if ended:
            return ProposeThought(proposal=ended)
        find = self._find(request.targets)
        part = await cover(request.subtask.words, request.found, find, request.task.words)
        return ProposeThought(proposal=_proposed(request, part))

    async def answer(self, request: AnswerRequest) -> AnswerThought:
        """The outcome in plain words."""
        answer = template_answer(request)
        return AnswerThought(answer=answer.model_copy(update={"text": f"{answer.text}\n\n{_CLOSING}"}))

    def _find(self, targets: tuple[Target, ...]) -> Find:
        async def find(words: str) -> list[RankedInstruction]:
            return await self._search(words, platform=targets[0].platform)

        return find


def create(tools: AgentTools) -> BaseAgent:
    """The template agent; it needs the search alone."""
    return TemplateAgent(tools.search)


def _planned(words: str, parts: list[FilledPart], exchanges: tuple[Exchange, ...]) -> Planning:
    """The plan, or the first question that stands in its way.

    Raises:
        InvalidParameter: a value that the person gave can't be taken.
        TaskCancelled: the person does not want what is doubtful.
    """
    asked = (_asked(part.instruction, part.filled, exchanges) for part in parts)
    question = next(filter(None, asked), None) or confirmation(words, parts, exchanges)
    if question:
        return question
    return Plan(subtasks=tuple(Subtask(words=part.words, parameters=part.filled.values) for part in parts))


def _ended(request: ProposeRequest) -> Done | None:
    """There is one script for a subtask: once it ran, or was sent back, nothing more can be proposed."""
    if request.returned:
        return Done(because=f"{request.returned} Without a model the script can't be changed.", succeeded=False)
    if not request.steps:
        return None
    last = request.steps[-1]
    if last.succeeded:
        return Done(because=f"{last.script.purpose}: done.")
    return Done(because=last.refusal or failure_of(last), succeeded=False)


def _proposed(request: ProposeRequest, part: Part) -> Proposal:
    if part.best is None:
        return no_instruction(part.words, part.found)
    instruction = part.best.instruction
    block = instruction.block("run")
    if block is None:
        return Done(because=_described(instruction), succeeded=False)
    filled = fill(instruction, part.words, request.subtask.parameters, request.exchanges)
    return _asked(instruction, filled, request.exchanges) or _script(instruction, block, filled)


def _script(instruction: Instruction, block: Block, filled: Filled) -> ScriptProposal:
    values = complete(instruction, filled.values).values
    return ScriptProposal(
        language=block.language,
        text=render(block.text, block.language, {name: values[name] for name in placeholders(block.text)}),
        purpose=instruction.title,
        instruction=instruction.ref,
        parameters=values,
    )


def _asked(instruction: Instruction, filled: Filled, exchanges: tuple[Exchange, ...]) -> Question | None:
    """The question for the first value that is missing, or that an answer gave in a form that can't be taken.

    Raises:
        InvalidParameter: the person gave such a value unasked, or three times.
    """
    for invalid in filled.invalid:
        times = sum(said.question.parameter == invalid.parameter.name for said in exchanges)
        if not 0 < times < _ASKED_AT_MOST:
            raise invalid.error
        return _question(instruction, invalid.parameter, f"{invalid.error.what} ")
    return next((_question(instruction, parameter) for parameter in filled.missing), None)


def _question(instruction: Instruction, parameter: Parameter, reason: str = "") -> Question:
    about = f" ({parameter.description})" if parameter.description else ""
    text = f"{reason}{instruction.title}: which {parameter.name}{about}? For example: {example_of(parameter)}"
    return Question(text=text, parameter=parameter.name)


def _described(instruction: Instruction) -> str:
    prose = f" It says: {instruction.prose.strip()}" if instruction.prose.strip() else ""
    return (
        f"The instruction {instruction.id} ({instruction.title}) only describes what to do; it has nothing to run."
        f" Do it by hand, or set a model.{prose}"
    )
