"""What an agent says: a plan, a proposal, a question, or that it is done."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from itops.domain.instruction import BlockKind, InstructionRef, Language
from itops.domain.noun import Noun


class Question(Noun):
    """What only a person can say. ``parameter`` names the value asked for, if one is."""

    kind: Literal["question"] = "question"
    text: str
    parameter: str = ""


class Subtask(Noun):
    """One part of a task. ``parameters`` are the values its words and its neighbours' words bring."""

    words: str
    parameters: dict[str, str] = Field(default_factory=dict)


class Plan(Noun):
    """The parts of a task in their order; at least one."""

    kind: Literal["plan"] = "plan"
    subtasks: tuple[Subtask, ...] = Field(min_length=1)


class NearestInstruction(Noun):
    """An instruction that was near, but not near enough."""

    id: str
    title: str
    score: float


class NoInstruction(Noun):
    """No instruction covers these words; the nearest are named."""

    kind: Literal["no_instruction"] = "no_instruction"
    words: str
    nearest: tuple[NearestInstruction, ...] = ()


class ScriptProposal(Noun):
    """What an agent would run: data, untrusted.

    ``instruction``, ``block`` and ``parameters`` say of which template it claims to be an instance (policy checks it).
    ``look`` asks to be called again with the result; else a success ends the subtask.
    """

    kind: Literal["script"] = "script"
    language: Language
    text: str
    purpose: str = ""
    instruction: InstructionRef | None = None
    block: BlockKind = "run"
    parameters: dict[str, str] = Field(default_factory=dict)
    look: bool = False


class Done(Noun):
    """Nothing (more) is to be run for this subtask. ``succeeded`` false means the agent gives up."""

    kind: Literal["done"] = "done"
    because: str
    succeeded: bool = True


Planning: TypeAlias = Annotated[Plan | Question | NoInstruction, Field(discriminator="kind")]
Proposal: TypeAlias = Annotated[ScriptProposal | Question | Done | NoInstruction, Field(discriminator="kind")]
