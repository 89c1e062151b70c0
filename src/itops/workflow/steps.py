"""The steps of a task's story: each is one durable line, done once as far as the world can tell."""

from typing import Protocol

from itops.agents.base_agent import ProposeRequest
from itops.domain.approval import Approval
from itops.domain.instruction import RankedInstruction
from itops.domain.noun import Noun
from itops.domain.outcome import Exchange, Outcome
from itops.domain.plan import Planning, Proposal, Question, ScriptProposal, Subtask
from itops.domain.result import Result
from itops.domain.script import Script
from itops.domain.target import Target
from itops.domain.task import Task
from itops.domain.verdict import Verdict


class Returned(Noun):
    """A proposal that goes back to its agent before judgement, and why."""

    because: str


class Pending(Noun):
    """A person has not spoken yet; look again after a nudge, or after this many seconds."""

    seconds: float


class Said(Noun):
    """What a person said; ``None`` where nobody did in time."""

    answer: str | None


class Resolution(Noun):
    """What a person saw who looked at an unknown outcome."""

    done: bool
    reason: str


class Steps(Protocol):
    """What the story asks for. An implementation records the events of each line as part of it.

    Raises:
        TaskCancelled: a person stopped the task; what ran before stands.
        ItOpsError: the line can't be done; the task ends.
    """

    async def resolve(self, task: Task) -> tuple[Target, ...]:
        """Freeze the targets that the task names."""
        ...

    async def plan(self, task: Task, targets: tuple[Target, ...], exchanges: tuple[Exchange, ...]) -> Planning:
        """Split the task into subtasks."""
        ...

    async def find(
        self, task: Task, number: int, subtask: Subtask, targets: tuple[Target, ...]
    ) -> tuple[RankedInstruction, ...]:
        """The instructions for one subtask, best first."""
        ...

    async def propose(self, request: ProposeRequest) -> Proposal:
        """What the agent would run next."""
        ...

    async def prepare(
        self, task: Task, number: int, action: str, proposal: ScriptProposal, targets: tuple[Target, ...]
    ) -> Script | Returned:
        """Bind a proposal to its targets and limits, unless code can see that it can't work."""
        ...

    async def judge(self, task: Task, action: str, script: Script) -> Verdict:
        """Read the script, and let policy speak."""
        ...

    async def request_approval(self, task: Task, action: str, script: Script, verdict: Verdict) -> Approval:
        """Put exactly this script to a person."""
        ...

    async def decision(self, task: Task, approval: Approval, look: int) -> Approval | Pending:
        """The decided (or expired) approval, or that it is pending."""
        ...

    async def run(
        self, task: Task, action: str, attempt: int, script: Script, verdict: Verdict, approval: Approval | None
    ) -> tuple[Result, ...]:
        """Run the script on each of its targets, once for this attempt."""
        ...

    async def verification(self, task: Task, number: int, action: str, script: Script) -> Script | Returned | None:
        """The script that checks what this one did, where its instruction has one; or why it can't be checked."""
        ...

    async def doubt(self, task: Task, action: str, results: tuple[Result, ...]) -> None:
        """Tell people that an outcome is unknown."""
        ...

    async def resolution(self, task: Task, action: str, look: int) -> Resolution | Pending:
        """What a person saw who looked at an unknown outcome."""
        ...

    async def ask(self, task: Task, number: int, question: Question) -> None:
        """Put a question to the requester."""
        ...

    async def reply(self, task: Task, number: int, look: int) -> Said | Pending:
        """The requester's answer to a question."""
        ...

    async def nudged(self, seconds: float) -> None:
        """Wait durably until somebody nudges this task, at most this long."""
        ...

    async def finish(self, task: Task, outcome: Outcome) -> None:
        """Write the answer, and end the task."""
        ...
