"""The story of a task, top to bottom. Each ``await steps.…`` is one durable line; nothing here touches the world."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from itops.agents.base_agent import ProposeRequest
from itops.domain.approval import Approval, ApprovalState
from itops.domain.outcome import Exchange, Outcome, Step, SubtaskReport
from itops.domain.plan import Done, NearestInstruction, NoInstruction, Plan, Question, ScriptProposal, Subtask
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Target
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision, Verdict
from itops.errors import ItOpsError, PermissionExpired, TaskCancelled
from itops.workflow.steps import Pending, Returned, Steps

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Bounds:
    """How often a subtask may be proposed for, and how many failed scripts may be repaired."""

    proposals: int = 12
    repairs: int = 1


@dataclass
class Progress:
    """Where the story is: kept outside the exceptions that may end it."""

    reports: list[SubtaskReport] = field(default_factory=list)
    current: Subtask | None = None
    steps: list[Step] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    nearest: tuple[NearestInstruction, ...] = ()
    returned: str = ""
    actions: int = 0
    action: str = ""

    def count(self) -> int:
        """The number of the next script of this task."""
        self.actions += 1
        return self.actions

    def close(self, state: TaskState, because: str = "") -> SubtaskReport:
        """Report the current subtask, and make room for the next."""
        subtask = self.current or Subtask(words="")
        report = SubtaskReport(subtask=subtask, state=state, steps=tuple(self.steps), because=because)
        self.reports.append(report)
        self.current, self.steps = None, []
        return report

    def outcome(self, state: TaskState, because: str = "", error: str = "") -> Outcome:
        """What came of it so far."""
        if self.current is not None:
            self.close(state, because)
        return Outcome(state=state, reports=tuple(self.reports), because=because, error=error, nearest=self.nearest)


async def run_task(task: Task, steps: Steps, bounds: Bounds) -> TaskState:
    """From words to a finished task."""
    progress = Progress()
    try:
        outcome = await _work(task, steps, bounds, progress)
    except TaskCancelled as error:
        outcome = progress.outcome(TaskState.CANCELLED, error.what)
    except ItOpsError as error:
        outcome = progress.outcome(TaskState.FAILED, str(error), type(error).__name__)
    await steps.finish(task, outcome)
    return outcome.state


async def _work(task: Task, steps: Steps, bounds: Bounds, progress: Progress) -> Outcome:
    targets = await steps.resolve(task)
    plan = await _plan(task, targets, steps, progress)
    if isinstance(plan, NoInstruction):
        progress.nearest = plan.nearest
        return progress.outcome(TaskState.NO_INSTRUCTION, plan.words)
    for number, subtask in enumerate(plan.subtasks):
        progress.current = subtask
        report = await _do(task, plan, number, targets, steps, bounds, progress)
        if report.state not in (TaskState.SUCCEEDED, TaskState.ANSWERED, TaskState.PLANNED):
            return progress.outcome(report.state, report.because)
    return progress.outcome(_whole(progress.reports))


async def _plan(task: Task, targets: tuple[Target, ...], steps: Steps, progress: Progress) -> Plan | NoInstruction:
    while True:
        planning = await steps.plan(task, targets, tuple(progress.exchanges))
        if not isinstance(planning, Question):
            return planning
        await _ask(task, planning, steps, progress)


async def _do(
    task: Task,
    plan: Plan,
    number: int,
    targets: tuple[Target, ...],
    steps: Steps,
    bounds: Bounds,
    progress: Progress,
) -> SubtaskReport:
    """One subtask: find, then propose and carry out until it is done."""
    found = await steps.find(task, number, plan.subtasks[number], targets)
    request = ProposeRequest(
        task=task,
        plan=plan,
        subtask=plan.subtasks[number],
        targets=targets,
        found=found,
        earlier=tuple(step for report in progress.reports for step in report.steps),
    )
    repairs = bounds.repairs
    for _ in range(bounds.proposals):
        script = await _next(task, number, request, steps, progress)
        if script is None:
            continue
        if not isinstance(script, Script):
            return _close_early(script, progress)
        step = await _carry_out(task, progress.action, script, steps)
        progress.steps.append(step)
        if task.dry_run and not step.refusal:
            return progress.close(TaskState.PLANNED)
        if step.succeeded and (flaw := await _verify(task, number, script, steps, progress)):
            return progress.close(_end_of(None, progress.steps), flaw)
        if script.look:
            continue
        if step.succeeded:
            return progress.close(TaskState.SUCCEEDED)
        repairs -= 1
        if repairs < 0:
            return progress.close(_end_of(None, progress.steps), step.refusal)
    return progress.close(TaskState.FAILED, f"No end after {bounds.proposals} proposals.")


def _close_early(said: Done | NoInstruction, progress: Progress) -> SubtaskReport:
    if isinstance(said, Done):
        return progress.close(_end_of(said, progress.steps), said.because)
    progress.nearest = said.nearest
    return progress.close(TaskState.NO_INSTRUCTION, said.words)


async def _next(
    task: Task, number: int, request: ProposeRequest, steps: Steps, progress: Progress
) -> Script | Done | NoInstruction | None:
    """The next script, or an end; ``None`` where a question was answered or a proposal went back."""
    now = {"steps": tuple(progress.steps), "exchanges": tuple(progress.exchanges), "returned": progress.returned}
    proposal = await steps.propose(request.model_copy(update=now))
    progress.returned = ""
    if isinstance(proposal, Question):
        await _ask(task, proposal, steps, progress)
        return None
    if not isinstance(proposal, ScriptProposal):
        return proposal
    progress.action = f"{task.id}-{progress.count()}"
    script = await steps.prepare(task, number, progress.action, proposal, request.targets)
    if isinstance(script, Returned):
        progress.returned = script.because
        return None
    return script


async def _carry_out(task: Task, action: str, script: Script, steps: Steps) -> Step:
    """Judge, ask where policy says so, run once. Permission that is too old is asked for again, once."""
    for last in (False, True):
        verdict = await steps.judge(task, action, script)
        if verdict.decision is Decision.DENY:
            return Step(script=script, verdict=verdict, refusal="Policy denies it.")
        if task.dry_run:
            return Step(script=script, verdict=verdict)
        approval = None
        if verdict.decision is Decision.ASK:
            approval = await _decision(task, action, script, verdict, steps)
            if approval.state is not ApprovalState.APPROVED:
                return Step(script=script, verdict=verdict, refusal=_refusal(approval))
        try:
            results = await _run(task, action, script, verdict, approval, steps)
        except PermissionExpired:
            if last:
                raise
        else:
            return Step(script=script, verdict=verdict, results=results)
    raise AssertionError("unreachable: the second round returns or raises")


async def _run(
    task: Task, action: str, script: Script, verdict: Verdict, approval: Approval | None, steps: Steps
) -> tuple[Result, ...]:
    """Run once; what is safe to repeat is tried again where its outcome is unknown, the rest is put to a person."""
    results = await steps.run(task, action, 1, script, verdict, approval)
    if _unknown(results) and verdict.repeatable:
        results = await steps.run(task, action, 2, script, verdict, approval)
    if not _unknown(results):
        return results
    await steps.doubt(task, action, results)
    seen = await _wait(lambda look: steps.resolution(task, action, look), steps)
    state = ResultState.SUCCEEDED if seen.done else ResultState.FAILED
    note = f"A person looked: {seen.reason}"
    return tuple(
        result.model_copy(update={"state": state, "note": note}) if result.state is ResultState.UNKNOWN else result
        for result in results
    )


async def _verify(task: Task, number: int, script: Script, steps: Steps, progress: Progress) -> str:
    """What the instruction's own check of this script finds wrong; nothing where it has none."""
    action = f"{task.id}-{progress.count()}"
    check = await steps.verification(task, number, action, script)
    if check is None:
        return ""
    if isinstance(check, Returned):
        return f"The command ran, but it can't be verified: {check.because}"
    step = await _carry_out(task, action, check, steps)
    progress.steps.append(step)
    if step.succeeded:
        return ""
    return step.refusal or "The command ran, but its verification failed."


async def _decision(task: Task, action: str, script: Script, verdict: Verdict, steps: Steps) -> Approval:
    approval = await steps.request_approval(task, action, script, verdict)
    return await _wait(lambda look: steps.decision(task, approval, look), steps)


async def _ask(task: Task, question: Question, steps: Steps, progress: Progress) -> None:
    number = len(progress.exchanges)
    await steps.ask(task, number, question)
    said = await _wait(lambda look: steps.reply(task, number, look), steps)
    if said.answer is None:
        raise TaskCancelled(f"Nobody answered the question in time: {question.text}")
    progress.exchanges.append(Exchange(question=question, answer=said.answer))


async def _wait(look: Callable[[int], Awaitable[Seen | Pending]], steps: Steps) -> Seen:
    """Look, wait to be nudged, look again. The truth is in the stores; a nudge only says that it may have changed."""
    looks = 0
    while isinstance(seen := await look(looks), Pending):
        await steps.nudged(seen.seconds)
        looks += 1
    return seen


def _unknown(results: tuple[Result, ...]) -> bool:
    return any(result.state is ResultState.UNKNOWN for result in results)


def _refusal(approval: Approval) -> str:
    by = approval.decided_by.id if approval.decided_by else "nobody"
    if approval.state is ApprovalState.REJECTED:
        return f"Rejected by {by}: {approval.reason}"
    return f"The approval is {approval.state.value}: nobody decided in time."


def _end_of(done: Done | None, steps: list[Step]) -> TaskState:
    """How a subtask ended, by its last script: what was refused is not a failure of the command.

    Where scripts were wanted and none of them ran, an agent's word that all is well does not count.
    """
    if done and done.succeeded and not steps:
        return TaskState.ANSWERED
    if done and done.succeeded and any(step.results for step in steps):
        return TaskState.SUCCEEDED
    last = steps[-1] if steps else None
    if last and last.verdict and last.verdict.decision is Decision.DENY:
        return TaskState.DENIED
    if last and (last.refusal or any(result.state is ResultState.CANCELLED for result in last.results)):
        return TaskState.CANCELLED
    return TaskState.FAILED


def _whole(reports: list[SubtaskReport]) -> TaskState:
    states = {report.state for report in reports}
    return states.pop() if len(states) == 1 else TaskState.SUCCEEDED
