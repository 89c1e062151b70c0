"""From a subtask and its instructions to the next script, with a model."""

import re
from typing import Final, Literal

from pydantic import Field, field_validator

from itops.agents import sections
from itops.agents.base_agent import ProposeRequest, ProposeThought
from itops.agents.fencing import Section, one_line
from itops.agents.instance import instance_of
from itops.agents.part_finder import no_instruction
from itops.agents.prompting import ReplyShape, Unfit, Words, ask, prompt
from itops.domain.effect import Effect
from itops.domain.instruction import BlockKind, Instruction, Language
from itops.domain.outcome import Step
from itops.domain.plan import Done, NoInstruction, Proposal, Question, ScriptProposal
from itops.domain.target import Platform
from itops.llm.language_model import LanguageModel

REASON_CHARACTERS: Final = 500
_LAST_OUTPUT: Final = 6000
_EARLIER_OUTPUT: Final = 1000
_EARLIER_STEPS: Final = 10
_LANGUAGES: Final[dict[Platform, Language]] = {Platform.WINDOWS: "powershell", Platform.AWS: "aws"}
_CODE_FENCE: Final = re.compile(r"\A\s*```[\w-]*\n(.*?)\n?```\s*\Z", re.DOTALL)


class ProposeReply(ReplyShape):
    """What the model is to say about a subtask."""

    action: Literal["script", "question", "done", "give_up"]
    instruction: Words = ""
    parameters: dict[str, Words] = Field(default_factory=dict)
    block: BlockKind = "run"
    script: Words = ""
    look: bool = False
    reason: Words = ""

    @field_validator("action", mode="before")
    @classmethod
    def _in_small_letters(cls, given: object) -> object:
        return given.strip().lower().replace(" ", "_") if isinstance(given, str) else given

    @field_validator("parameters", mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


async def propose(model: LanguageModel, request: ProposeRequest) -> ProposeThought:
    """The next script, a question, or that the subtask is done.

    Raises:
        InvalidParameter: a value fails its parameter's pattern, corrected once.
    """
    if not request.found and not request.steps:
        return ProposeThought(proposal=NoInstruction(words=request.subtask.words))
    messages = prompt("propose", _known(request), language=_language(request))
    heard = await ask(model, messages, ProposeReply, lambda reply: _read(reply, request), request.found)
    return ProposeThought(proposal=heard.value, usage=heard.usage, model=heard.model)


def _known(request: ProposeRequest) -> list[Section]:
    known = sections.of_request(request.task, request.targets, request.exchanges)
    known += [sections.of_instruction(ranked.instruction) for ranked in request.found]
    for step in request.earlier[-_EARLIER_STEPS:]:
        known.append(sections.of_step("step of an earlier subtask", step, limit=_EARLIER_OUTPUT))
    for number, step in enumerate(request.steps, start=1):
        limit = _LAST_OUTPUT if step is request.steps[-1] else _EARLIER_OUTPUT
        known.append(sections.of_step(f"step {number}", step, limit=limit))
    known.append(Section(label="subtask", text=request.subtask.words))
    if request.returned:
        known.append(Section(label="why your last script came back", text=request.returned))
    return known


def _language(request: ProposeRequest) -> Language:
    return _LANGUAGES.get(request.targets[0].platform, "bash") if request.targets else "bash"


def _read(reply: ProposeReply, request: ProposeRequest) -> Proposal:
    reason = one_line(reply.reason, REASON_CHARACTERS)
    if reply.action == "question":
        return _question(reason, request)
    if reply.action == "done":
        return _done(reason, request)
    if reply.action == "give_up":
        return _given_up(reason, request)
    proposal = _script(reply, request)
    if isinstance(proposal, ScriptProposal) and proposal.text in {step.script.text for step in request.steps}:
        raise Unfit(
            "This very script is among the steps already. Choose another, or done, or give_up.",
            otherwise=Done(because="No other way was found.", succeeded=False),
        )
    return proposal


def _question(text: str, request: ProposeRequest) -> Question:
    if text and all(text != exchange.question.text for exchange in request.exchanges):
        return Question(text=text)
    raise Unfit(
        "`reason` must hold a question that the person has not answered yet.",
        otherwise=Done(because=text or "The model has nothing to propose.", succeeded=False),
    )


def _done(reason: str, request: ProposeRequest) -> Done:
    ran = [step for step in (*request.earlier, *request.steps) if step.results]
    because = reason or "The steps so far have done it."
    if not ran:
        raise Unfit(
            "Nothing has run yet, so nothing can be done. Choose script, question or give_up.",
            otherwise=Done(because=f"Nothing ran. {because}", succeeded=False),
        )
    mine = [step for step in request.steps if step.results]
    failed_change = bool(mine) and not mine[-1].succeeded and not _was_a_look(mine[-1])
    return Done(because=because, succeeded=not failed_change)


def _was_a_look(step: Step) -> bool:
    return step.verdict is not None and step.verdict.effect is Effect.READ


def _given_up(reason: str, request: ProposeRequest) -> Done | NoInstruction:
    if not request.steps and not _any_confident(request):
        return no_instruction(request.subtask.words, request.found)
    return Done(because=reason or "The model gives up.", succeeded=False)


def _script(reply: ProposeReply, request: ProposeRequest) -> Proposal:
    named = _named(reply.instruction.strip(), request)
    block = named.block(reply.block) if named is not None else None
    if named is not None and block is not None and not _repairs(reply, named, request):
        return instance_of(named, block, reply.parameters, request, look=reply.look, purpose=_purpose(reply, named))
    return _free_script(reply, named, request)


def _named(name: str, request: ProposeRequest) -> Instruction | None:
    offered = {ranked.instruction.id: ranked.instruction for ranked in request.found}
    if name in offered or not name:
        return offered.get(name)
    raise Unfit(
        f"{one_line(name, 80)!r} is not the id of a listed instruction. The ids: {', '.join(offered) or 'none'}.",
        otherwise=_given_up("The model named an instruction that does not exist.", request),
    )


def _repairs(reply: ProposeReply, named: Instruction, request: ProposeRequest) -> bool:
    """Whether the model brings a text of its own after an instance of the instruction did not work out."""
    tried = any(step.script.instruction == named.ref and not step.succeeded for step in request.steps)
    return tried and bool(reply.script.strip())


def _free_script(reply: ProposeReply, named: Instruction | None, request: ProposeRequest) -> ScriptProposal:
    nothing = _given_up("No listed instruction fits.", request)
    if named is None and not _any_confident(request):
        raise Unfit(
            "None of the listed instructions is known to fit, so a script of your own is not taken. "
            "Name a listed instruction if it truly does what is asked, or give_up.",
            otherwise=nothing,
        )
    fence = _CODE_FENCE.match(reply.script)
    text = (fence.group(1) if fence else reply.script).strip("\n")
    if not text.strip():
        raise Unfit("Name an instruction that has such commands, or write `script`.", otherwise=nothing)
    return ScriptProposal(
        language=_language(request),
        text=text,
        purpose=_purpose(reply, named),
        instruction=named.ref if named else None,
        look=reply.look,
    )


def _purpose(reply: ProposeReply, named: Instruction | None) -> str:
    return one_line(reply.reason, REASON_CHARACTERS) or (named.title if named else "")


def _any_confident(request: ProposeRequest) -> bool:
    return any(ranked.confident for ranked in request.found)
