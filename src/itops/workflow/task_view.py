"""A task as its events tell it: a pure fold, so that every door shows the same."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch

from itops import errors
from itops.domain.approval import Approval, ApprovalState
from itops.domain.event import (
    ApprovalDecided,
    ApprovalRequested,
    CancelRequested,
    InstructionsFound,
    ModelCalled,
    NoInstructionFound,
    OutcomeDoubted,
    OutcomeResolved,
    PlanMade,
    QuestionAnswered,
    QuestionAsked,
    Record,
    RunFinished,
    ScriptJudged,
    ScriptProposed,
    TargetsResolved,
    TaskAnswered,
    TaskEnded,
    TaskEvent,
    TaskSubmitted,
)
from itops.domain.instruction import InstructionRef
from itops.domain.outcome import Answer, Step, Usage
from itops.domain.plan import NearestInstruction, NoInstruction, Plan, Question
from itops.domain.preview import Preview
from itops.domain.result import Result
from itops.domain.script import Script
from itops.domain.target import Target
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Verdict

_EXIT_CODES = {
    TaskState.SUCCEEDED: 0,
    TaskState.PLANNED: 0,
    TaskState.ANSWERED: 0,
    TaskState.FAILED: 1,
    TaskState.DENIED: 3,
    TaskState.WAITING: 4,
    TaskState.UNKNOWN: 5,
    TaskState.NO_INSTRUCTION: 7,
    TaskState.CANCELLED: 8,
    TaskState.RUNNING: 4,
}


@dataclass
class ActionView:
    """One script's way: proposed, judged, perhaps approved, perhaps run."""

    action: str
    subtask: int
    title: str
    script: Script
    verdict: Verdict | None = None
    approval: Approval | None = None
    preview: Preview | None = None
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def results_in_order(self) -> tuple[Result, ...]:
        """The results there are, in the order of the targets, whichever came first."""
        return tuple(self.results[target.name] for target in self.script.targets if target.name in self.results)


@dataclass
class TaskView:
    """A task as it stands after the events folded in so far."""

    id: str = ""
    task: Task | None = None
    agent: str = ""
    targets: tuple[Target, ...] = ()
    plan: Plan | None = None
    found: dict[int, tuple[NearestInstruction, ...]] = field(default_factory=dict)
    missing: NoInstruction | None = None
    actions: dict[str, ActionView] = field(default_factory=dict)
    question: Question | None = None
    questions: int = 0
    answers: list[str] = field(default_factory=list)
    approval: Approval | None = None
    doubted: str = ""
    cancelling: bool = False
    answer: Answer | None = None
    ended: TaskEnded | None = None
    usage: Usage = field(default_factory=Usage)
    thoughts: list[ModelCalled] = field(default_factory=list)
    seq: int = 0
    at: datetime | None = None

    @property
    def state(self) -> TaskState:
        """Where the task stands."""
        if self.ended:
            return self.ended.state
        if self.cancelling:
            return TaskState.RUNNING
        if self.doubted:
            return TaskState.UNKNOWN
        return TaskState.WAITING if self.question or self.approval else TaskState.RUNNING

    @property
    def exit_code(self) -> int:
        """The command line's exit code for this state."""
        kind = getattr(errors, self.ended.error, None) if self.ended and self.ended.error else None
        return kind.exit_code if kind else _EXIT_CODES[self.state]

    def instruction_of(self, subtask: int) -> NearestInstruction | None:
        """The instruction that a subtask used; where none was used yet, the best found."""
        found = self.found.get(subtask, ())
        used = {action.script.instruction.id for action in self.of(subtask) if action.script.instruction}
        return next((near for near in found if near.id in used), found[0] if found else None)

    @property
    def used(self) -> tuple[InstructionRef, ...]:
        """The versions that its scripts are exact instances of; where none is, those they were written after."""
        scripts = [action.script for action in self.actions.values()]
        exact = {script.instruction.id: script.instruction for script in scripts if script.instruction}
        near = {script.based_on.id: script.based_on for script in scripts if script.based_on}
        return tuple((exact or near).values())

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every script's way, in order."""
        return tuple(
            Step(script=action.script, verdict=action.verdict, results=action.results_in_order)
            for action in self.actions.values()
        )

    def of(self, subtask: int) -> list[ActionView]:
        """The scripts of one subtask, in order."""
        return [action for action in self.actions.values() if action.subtask == subtask]

    def fold(self, record: Record) -> None:
        """Take one more event in."""
        self.seq, self.at, self.id = record.seq, record.at, record.event.task
        _fold(record.event, self)


def view_of(records: Iterable[Record]) -> TaskView:
    """The task that these events tell."""
    view = TaskView()
    for record in records:
        view.fold(record)
    return view


@singledispatch
def _fold(event: TaskEvent, view: TaskView) -> None:
    """Events that say nothing about where a task stands are passed over."""


@_fold.register
def _(event: TaskSubmitted, view: TaskView) -> None:
    view.task = event.submitted


@_fold.register
def _(event: TargetsResolved, view: TaskView) -> None:
    view.targets = event.targets


@_fold.register
def _(event: PlanMade, view: TaskView) -> None:
    view.plan, view.agent = event.plan, event.agent


@_fold.register
def _(event: InstructionsFound, view: TaskView) -> None:
    view.found[event.subtask] = event.found


@_fold.register
def _(event: NoInstructionFound, view: TaskView) -> None:
    view.missing = event.missing


@_fold.register
def _(event: ScriptProposed, view: TaskView) -> None:
    view.actions[event.action] = ActionView(event.action, event.subtask, event.title, event.script)


@_fold.register
def _(event: ScriptJudged, view: TaskView) -> None:
    view.actions[event.action].verdict = event.verdict


@_fold.register
def _(event: ApprovalRequested, view: TaskView) -> None:
    view.approval = event.approval
    action = view.actions[event.approval.action]
    action.approval, action.preview = event.approval, event.preview


@_fold.register
def _(event: ApprovalDecided, view: TaskView) -> None:
    view.actions[event.approval.action].approval = event.approval
    if event.approval.state is not ApprovalState.PENDING:
        view.approval = None


@_fold.register
def _(event: QuestionAsked, view: TaskView) -> None:
    view.question = event.question
    view.questions += 1


@_fold.register
def _(event: QuestionAnswered, view: TaskView) -> None:
    view.question = None
    view.answers += [event.answer] if event.answer else []


@_fold.register
def _(event: RunFinished, view: TaskView) -> None:
    view.actions[event.action].results[event.result.target] = event.result


@_fold.register
def _(event: OutcomeDoubted, view: TaskView) -> None:
    view.doubted = event.action


@_fold.register
def _(event: OutcomeResolved, view: TaskView) -> None:
    del event
    view.doubted = ""


@_fold.register
def _(event: CancelRequested, view: TaskView) -> None:
    del event
    view.cancelling = True


@_fold.register
def _(event: ModelCalled, view: TaskView) -> None:
    view.usage = view.usage + event.usage
    view.thoughts.append(event)


@_fold.register
def _(event: TaskAnswered, view: TaskView) -> None:
    view.answer = event.answer


@_fold.register
def _(event: TaskEnded, view: TaskView) -> None:
    view.ended = event
    view.question, view.approval, view.doubted = None, None, ""
