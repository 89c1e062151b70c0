"""The one event stream: past tense, frozen, one class each. Chat, audit, metrics and resume all read it.

An event's ``key`` is unique within its task: recording the same key again records nothing, so that a step which runs
again after a crash leaves one event.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, TypeAlias

from pydantic import Field, TypeAdapter

from itops.domain.approval import Approval
from itops.domain.identity import Person
from itops.domain.instruction import InstructionRef, Opinion
from itops.domain.noun import Noun
from itops.domain.outcome import Answer, Usage
from itops.domain.plan import NearestInstruction, NoInstruction, Plan, Question
from itops.domain.preview import Preview
from itops.domain.result import Result
from itops.domain.script import Script
from itops.domain.target import Target
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Verdict


class TaskEvent(Noun):
    """What all events of a task share."""

    task: str
    key: str


class TaskSubmitted(TaskEvent):
    """A person asked for something."""

    kind: Literal["task.submitted"] = "task.submitted"
    submitted: Task


class TargetsResolved(TaskEvent):
    """The task's targets are frozen."""

    kind: Literal["targets.resolved"] = "targets.resolved"
    targets: tuple[Target, ...]


class PlanMade(TaskEvent):
    """An agent split the task. ``agent`` is the one that thinks."""

    kind: Literal["plan.made"] = "plan.made"
    plan: Plan
    agent: str


class InstructionsFound(TaskEvent):
    """The library was asked for a subtask (counted from 0); the best come first."""

    kind: Literal["instructions.found"] = "instructions.found"
    subtask: int
    found: tuple[NearestInstruction, ...]


class NoInstructionFound(TaskEvent):
    """No instruction covers the words."""

    kind: Literal["instructions.missing"] = "instructions.missing"
    missing: NoInstruction


class ScriptProposed(TaskEvent):
    """An agent proposed a script. ``action`` is its place in the task (``TASK-N``)."""

    kind: Literal["script.proposed"] = "script.proposed"
    subtask: int
    action: str
    script: Script
    title: str = ""


class ScriptReturned(TaskEvent):
    """A proposal went back to its agent before judgement: unfilled placeholder, missing tool."""

    kind: Literal["script.returned"] = "script.returned"
    action: str
    because: str


class ScriptJudged(TaskEvent):
    """Policy spoke."""

    kind: Literal["script.judged"] = "script.judged"
    action: str
    verdict: Verdict


class ApprovalRequested(TaskEvent):
    """A person must decide about exactly one digest. ``preview`` is what it would change, where it was tried."""

    kind: Literal["approval.requested"] = "approval.requested"
    approval: Approval
    preview: Preview | None = None


class ApprovalDecided(TaskEvent):
    """The approval was approved, rejected, withdrawn or expired."""

    kind: Literal["approval.decided"] = "approval.decided"
    approval: Approval


class QuestionAsked(TaskEvent):
    """An agent needs to know something that only a person can say."""

    kind: Literal["question.asked"] = "question.asked"
    question: Question


class QuestionAnswered(TaskEvent):
    """A person answered; empty where nobody did in time."""

    kind: Literal["question.answered"] = "question.answered"
    answer: str
    by: Person | None = None


class RunIntended(TaskEvent):
    """Written and flushed before a command starts: from here on it may have run."""

    kind: Literal["run.intended"] = "run.intended"
    action: str
    attempt: str
    target: str
    digest: str
    approval: str = ""
    instruction: InstructionRef | None = None


class RunFinished(TaskEvent):
    """What came of one attempt on one target."""

    kind: Literal["run.finished"] = "run.finished"
    action: str
    result: Result


class OutcomeDoubted(TaskEvent):
    """An outcome can't be known and must not be tried again by itself: a person must look."""

    kind: Literal["outcome.doubted"] = "outcome.doubted"
    action: str
    targets: tuple[str, ...]


class OutcomeResolved(TaskEvent):
    """A person looked and said whether an unknown outcome was done."""

    kind: Literal["outcome.resolved"] = "outcome.resolved"
    action: str
    done: bool
    reason: str
    by: Person


class SecretRevealed(TaskEvent):
    """A generated secret was shown to the requester, once. The value is not here."""

    kind: Literal["secret.revealed"] = "secret.revealed"
    name: str
    to: Person


class ModelCalled(TaskEvent):
    """A model was asked, for ``purpose``."""

    kind: Literal["model.called"] = "model.called"
    purpose: str
    model: str
    usage: Usage


class CancelRequested(TaskEvent):
    """A person wants the task to stop."""

    kind: Literal["task.cancel_requested"] = "task.cancel_requested"
    by: Person
    reason: str = ""


class TaskAnswered(TaskEvent):
    """The answer was written."""

    kind: Literal["task.answered"] = "task.answered"
    answer: Answer


class TaskEnded(TaskEvent):
    """Nothing more will happen. ``error`` names the error class where one ended it."""

    kind: Literal["task.ended"] = "task.ended"
    state: TaskState
    because: str = ""
    error: str = ""


class InstructionChanged(TaskEvent):
    """The library changed; ``task`` is ``library``. ``version`` is empty where it was removed."""

    kind: Literal["instruction.changed"] = "instruction.changed"
    change: Literal["added", "edited", "published", "deprecated", "removed"]
    id: str
    version: str = ""
    by: Person


class InstructionRated(TaskEvent):
    """A person said what an instruction was worth in this task; a later word of theirs replaces an earlier one."""

    kind: Literal["instruction.rated"] = "instruction.rated"
    instruction: InstructionRef
    opinion: Opinion
    comment: str = ""
    by: Person


Event: TypeAlias = Annotated[
    TaskSubmitted
    | TargetsResolved
    | PlanMade
    | InstructionsFound
    | NoInstructionFound
    | ScriptProposed
    | ScriptReturned
    | ScriptJudged
    | ApprovalRequested
    | ApprovalDecided
    | QuestionAsked
    | QuestionAnswered
    | RunIntended
    | RunFinished
    | OutcomeDoubted
    | OutcomeResolved
    | SecretRevealed
    | ModelCalled
    | CancelRequested
    | TaskAnswered
    | TaskEnded
    | InstructionChanged
    | InstructionRated,
    Field(discriminator="kind"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Record(Noun):
    """An event as it stands in the journal: its place, its time, and the chain it is part of."""

    seq: int
    at: datetime
    event: Event
    previous: str
    hash: str


Along: TypeAlias = Callable[[Any], None]
"""What events speak of, where it is a change of the journal's own database; is given the connection to make it on."""


class Journal(Protocol):
    """The append-only, hash-chained record of everything. No journal, no execution.

    ``append`` returns only when the event is on disk (flushed); with a key that its task already has, it returns the
    record that stands and writes nothing.

    Raises:
        JournalError: the event is not recorded; so what it speaks of must not happen.
    """

    async def append(self, event: Event) -> Record:
        """Record one event."""
        ...

    async def append_all(self, events: Sequence[Event], *, along: Along | None = None) -> list[Record]:
        """Record many events, all of them or none, in their order and with one flush.

        ``along`` is done in the same transaction: where it raises nothing is recorded, and where nothing can be
        recorded it is undone.
        """
        ...

    async def read(
        self, *, task: str = "", kind: str = "", after: int = 0, limit: int = 10_000, newest: int = 0
    ) -> list[Record]:
        """Records in order, of one task or of all, of one kind or of all, with ``seq`` above ``after``.

        With ``newest`` only the last so many, still in order.
        """
        ...

    async def find(self, task: str, key: str) -> Record | None:
        """The record that this task has under this key, if it has one."""
        ...
