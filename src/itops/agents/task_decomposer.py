"""From a request to its parts, with a model."""

import re
from typing import Final

from pydantic import Field

from itops.agents import sections
from itops.agents.base_agent import InstructionSearch, PlanRequest, PlanThought
from itops.agents.fencing import clean, one_line
from itops.agents.part_finder import no_instruction
from itops.agents.prompting import ReplyShape, Unfit, Words, ask, prompt
from itops.domain.plan import NoInstruction, Plan, Planning, Question, Subtask
from itops.llm.language_model import LanguageModel

MOST_SUBTASKS: Final = 10
_SUBTASK_CHARACTERS: Final = 500
_QUESTION_CHARACTERS: Final = 500
_SHORT_CHARACTERS: Final = 100
_JOINTS: Final = re.compile(
    r"[\n;,&+]|[.!?:]\s|\b(?:and|then|also|plus|after|before|next|finally|und|dann|et|puis|ensuite|y|luego|e|poi|en|dan)\b",
    re.IGNORECASE,
)


class PlanReply(ReplyShape):
    """What the model is to say about a request."""

    subtasks: list[Words]
    instructions: list[Words] = Field(default_factory=list)
    question: Words = ""


async def plan(model: LanguageModel, search: InstructionSearch, request: PlanRequest) -> PlanThought:
    """The parts of the task in their order, or a question, or that no instruction covers it.

    A short request of one part whose instruction is clear, and one for which nothing is found, take no call.
    """
    words = request.task.words
    if not request.found:
        return PlanThought(planning=NoInstruction(words=words))
    if request.found[0].confident and _is_one_part(words):
        return PlanThought(planning=_whole(request))
    known = [*sections.of_request(request.task, request.targets, request.exchanges), sections.of_titles(request.found)]
    messages = prompt("plan", known, most=MOST_SUBTASKS)
    heard = await ask(model, messages, PlanReply, lambda reply: _checked(reply, request), request.found)
    planning = await _covered(_planning(heard.value, request), heard.value, request, search)
    return PlanThought(planning=planning, usage=heard.usage, model=heard.model)


def _is_one_part(words: str) -> bool:
    return len(words) <= _SHORT_CHARACTERS and not _JOINTS.search(words.strip())


def _whole(request: PlanRequest) -> Plan:
    return Plan(subtasks=(Subtask(words=request.task.words),))


def _checked(reply: PlanReply, request: PlanRequest) -> PlanReply:
    """The reply with its subtasks cleaned.

    Raises:
        Unfit: there are too many; if that stays so, the request is one subtask as a whole.
    """
    lines = (clean(line).strip()[:_SUBTASK_CHARACTERS] for line in reply.subtasks)
    subtasks = list(dict.fromkeys(line for line in lines if line))
    if len(subtasks) > MOST_SUBTASKS:
        whole = reply.model_copy(update={"subtasks": [request.task.words]})
        raise Unfit(f"There are {len(subtasks)} subtasks; at most {MOST_SUBTASKS} may be.", otherwise=whole)
    return reply.model_copy(update={"subtasks": subtasks})


def _planning(reply: PlanReply, request: PlanRequest) -> Planning:
    if reply.subtasks:
        return Plan(subtasks=tuple(Subtask(words=words) for words in reply.subtasks))
    question = one_line(reply.question, _QUESTION_CHARACTERS)
    if question and all(question != exchange.question.text for exchange in request.exchanges):
        return Question(text=question)
    return _whole(request)


async def _covered(planning: Planning, reply: PlanReply, request: PlanRequest, search: InstructionSearch) -> Planning:
    """The plan if something covers it: what was found, what the model picked of it, or what a part finds."""
    offered = {ranked.instruction.id for ranked in request.found}
    picked = offered & {name.strip() for name in reply.instructions}
    if picked or any(ranked.confident for ranked in request.found):
        return planning
    if isinstance(planning, Plan) and await _finds_any(planning, request, search):
        return planning
    return no_instruction(request.task.words, request.found)


async def _finds_any(plan: Plan, request: PlanRequest, search: InstructionSearch) -> bool:
    for subtask in plan.subtasks:
        for platform in {target.platform for target in request.targets}:
            found = await search(subtask.words, platform=platform, top=1)
            if any(ranked.confident for ranked in found):
                return True
    return False
