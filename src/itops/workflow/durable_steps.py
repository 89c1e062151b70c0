"""The story's steps as DBOS steps: a line that was done is not done again, it gives what it gave."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from itops.agents.base_agent import ProposeRequest
from itops.domain.approval import Approval
from itops.domain.instruction import RankedInstruction
from itops.domain.outcome import Exchange, Outcome
from itops.domain.plan import Planning, Proposal, Question, ScriptProposal, Subtask
from itops.domain.result import Result
from itops.domain.script import Script
from itops.domain.target import Target
from itops.domain.task import Task
from itops.domain.verdict import Verdict
from itops.errors import ItOpsError, ItOpsUnavailable
from itops.workflow.steps import Pending, Resolution, Returned, Said
from itops.workflow.task_steps import TaskSteps

Arguments = ParamSpec("Arguments")
Given = TypeVar("Given")
NUDGE = "nudge"
_WORLD = "What ran before stands; nothing new ran."
_LOG = logging.getLogger("itops.workflow")


async def _line(
    work: Callable[Arguments, Coroutine[Any, Any, Given]], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Given:
    from dbos import DBOS

    async def guarded() -> Given:
        """A fault of ours ends the task with its words, the same now and when the engine gives it again."""
        try:
            return await work(*arguments, **named)
        except ItOpsError:
            raise
        except Exception as error:
            _LOG.exception("A line of the story failed: %s", work.__name__)
            raise ItOpsUnavailable(f"itops itself failed: {type(error).__name__}: {error}.", world=_WORLD) from error

    return await DBOS.run_step_async({"name": work.__name__}, guarded)


class Unfinished(BaseException):
    """The end of a task can't be recorded. No ``Exception``: the engine would keep that as what became of the task."""


class DurableSteps:
    """Implements ``Steps``: each line of the story is one DBOS step; a line that was done is not done again."""

    def __init__(self, steps: TaskSteps) -> None:
        self._steps = steps

    async def nudged(self, seconds: float) -> None:
        """Wait durably; a nudge that came before is not lost."""
        from dbos import DBOS

        await DBOS.recv_async(topic=NUDGE, timeout_seconds=seconds)

    async def resolve(self, task: Task) -> tuple[Target, ...]:
        """One durable line."""
        return await _line(self._steps.resolve, task)

    async def plan(self, task: Task, targets: tuple[Target, ...], exchanges: tuple[Exchange, ...]) -> Planning:
        """One durable line."""
        return await _line(self._steps.plan, task, targets, exchanges)

    async def find(
        self, task: Task, number: int, subtask: Subtask, targets: tuple[Target, ...]
    ) -> tuple[RankedInstruction, ...]:
        """One durable line."""
        return await _line(self._steps.find, task, number, subtask, targets)

    async def propose(self, request: ProposeRequest) -> Proposal:
        """One durable line."""
        return await _line(self._steps.propose, request)

    async def prepare(
        self, task: Task, number: int, action: str, proposal: ScriptProposal, targets: tuple[Target, ...]
    ) -> Script | Returned:
        """One durable line."""
        return await _line(self._steps.prepare, task, number, action, proposal, targets)

    async def judge(self, task: Task, action: str, script: Script) -> Verdict:
        """One durable line."""
        return await _line(self._steps.judge, task, action, script)

    async def request_approval(self, task: Task, action: str, script: Script, verdict: Verdict) -> Approval:
        """One durable line."""
        return await _line(self._steps.request_approval, task, action, script, verdict)

    async def decision(self, task: Task, approval: Approval, look: int) -> Approval | Pending:
        """One durable line."""
        return await _line(self._steps.decision, task, approval, look)

    async def run(
        self, task: Task, action: str, attempt: int, script: Script, verdict: Verdict, approval: Approval | None
    ) -> tuple[Result, ...]:
        """One durable line."""
        return await _line(self._steps.run, task, action, attempt, script, verdict, approval)

    async def verification(self, task: Task, number: int, action: str, script: Script) -> Script | Returned | None:
        """One durable line."""
        return await _line(self._steps.verification, task, number, action, script)

    async def doubt(self, task: Task, action: str, results: tuple[Result, ...]) -> None:
        """One durable line."""
        await _line(self._steps.doubt, task, action, results)

    async def resolution(self, task: Task, action: str, look: int) -> Resolution | Pending:
        """One durable line."""
        return await _line(self._steps.resolution, task, action, look)

    async def ask(self, task: Task, number: int, question: Question) -> None:
        """One durable line."""
        await _line(self._steps.ask, task, number, question)

    async def reply(self, task: Task, number: int, look: int) -> Said | Pending:
        """One durable line."""
        return await _line(self._steps.reply, task, number, look)

    async def finish(self, task: Task, outcome: Outcome) -> None:
        """One durable line; where it fails it counts as not done, so that it is tried again."""

        async def finish() -> None:
            try:
                await self._steps.finish(task, outcome)
            except Exception as error:
                raise Unfinished from error

        await _line(finish)
