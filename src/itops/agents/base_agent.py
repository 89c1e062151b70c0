"""The port of all thinking: three methods that return data. No implementation can run anything."""

from typing import Protocol

from itops.domain.instruction import RankedInstruction
from itops.domain.noun import Noun
from itops.domain.outcome import Answer, Exchange, Outcome, Step, Usage
from itops.domain.plan import Plan, Planning, Proposal, Subtask
from itops.domain.target import Platform, Target
from itops.domain.task import Task


class PlanRequest(Noun):
    """All that ``plan`` needs: the task, what was found for its whole words, and what the person has answered."""

    task: Task
    targets: tuple[Target, ...]
    found: tuple[RankedInstruction, ...]
    exchanges: tuple[Exchange, ...] = ()


class ProposeRequest(Noun):
    """All that ``propose`` needs.

    ``steps`` are the earlier scripts of this subtask with their results; ``earlier`` those of the subtasks before.
    ``returned`` says why the last proposal came back before judgement, empty where it did not.
    """

    task: Task
    plan: Plan
    subtask: Subtask
    targets: tuple[Target, ...]
    found: tuple[RankedInstruction, ...]
    steps: tuple[Step, ...] = ()
    earlier: tuple[Step, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    returned: str = ""


class AnswerRequest(Noun):
    """All that ``answer`` needs: the whole outcome."""

    task: Task
    outcome: Outcome


class Thought(Noun):
    """What a call of an agent cost, beside what it returned."""

    usage: Usage = Usage()
    model: str = ""


class PlanThought(Thought):
    """A plan, a question, or that no instruction covers the task."""

    planning: Planning


class ProposeThought(Thought):
    """A script, a question, or that the subtask is done."""

    proposal: Proposal


class AnswerThought(Thought):
    """The answer in words."""

    answer: Answer


class InstructionSearch(Protocol):
    """Read-only search that an agent may be given."""

    async def __call__(self, words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        """The best instructions for these words, best first; ``confident`` is false below the threshold."""
        ...


class BaseAgent(Protocol):
    """A way to think. Each call is stateless: all it needs is in its argument, so any process can take the next.

    Raises:
        ProviderError: the model can't be had. Nothing ran because of this call.
        InvalidParameter: a value the person gave fails its pattern. Nothing ran.
    """

    name: str

    async def plan(self, request: PlanRequest) -> PlanThought:
        """Split the task into subtasks, or ask, or say that no instruction covers it."""
        ...

    async def propose(self, request: ProposeRequest) -> ProposeThought:
        """The next script for this subtask, or a question, or done with the reason."""
        ...

    async def answer(self, request: AnswerRequest) -> AnswerThought:
        """The outcome in words, naming the instructions and commands it rests on."""
        ...
