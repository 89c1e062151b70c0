"""ItOps: the one facade. Every door calls this and nothing below it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from itops.domain.approval import Approval
from itops.domain.event import (
    CancelRequested,
    Journal,
    OutcomeResolved,
    QuestionAnswered,
    Record,
    SecretRevealed,
    TaskSubmitted,
)
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionRef, Opinion
from itops.domain.outcome import Step
from itops.domain.secret import Secret
from itops.domain.target import Target
from itops.domain.task import Auto, Task, TaskState, Turn
from itops.errors import NotPermitted, UsageError
from itops.workflow.task_view import TaskView, view_of

_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # no letters that look alike
_ALLOWED_CONTROLS = "\n\t\r"
_CONVERSED = 10_000  # the newest tasks among which those of a conversation are looked for


class Engine(Protocol):
    """Makes tasks durable."""

    def launch(self) -> None:
        """Start the engine in this process; what stands in its way is raised before a task is recorded."""
        ...

    async def start(self, task: Task) -> None:
        """Start a task in this process; the same id is started once."""
        ...

    async def nudge(self, task: str) -> None:
        """Say that what a task waits for may have happened."""
        ...

    def check(self, task: str) -> None:
        """Raise what stopped a task's story in this process before its end could be recorded."""
        ...

    async def settled(self, task: str) -> None:
        """Wait until this process has nothing more to write of a task that has ended."""
        ...

    async def watch_for_dead(self) -> None:
        """Take over what dead processes leave, until cancelled."""
        ...


class Desk(Protocol):
    """Pending questions to people about scripts."""

    async def decide(self, approval_id: str, *, approve: bool, by: Person, reason: str = "") -> Approval:
        """One person's decision, once."""
        ...

    async def pending(self, task: str = "") -> list[Approval]:
        """What waits for a person."""
        ...

    async def get(self, approval_id: str) -> Approval:
        """One approval as it stands."""
        ...


class Targets(Protocol):
    """Where commands can run."""

    def resolve(self, names: tuple[str, ...], words: str = "") -> tuple[Target, ...]:
        """The targets of these names; an unknown one is an error."""
        ...

    def targets(self) -> list[Target]:
        """Every target there is."""
        ...


class Handover(Protocol):
    """Generated secrets, on their way to the requester."""

    async def reveal(self, task: str) -> dict[str, Secret]:
        """Hand the generated secrets of a task over, once."""
        ...


class Learning(Protocol):
    """What the library learns from use."""

    async def rate(
        self, task: str, used: Sequence[InstructionRef], opinion: Opinion, *, comment: str, by: Person
    ) -> None:
        """Keep what a person says of these uses, in place of what they said of them before."""
        ...

    async def draft(
        self, task: Task, steps: tuple[Step, ...], answers: tuple[str, ...], *, identity: str, title: str
    ) -> Instruction:
        """The instruction that the scripts of a task would make; nothing is kept yet."""
        ...

    async def keep(self, instruction: Instruction, *, by: Person) -> Instruction:
        """Take a draft into the library."""
        ...


@dataclass(frozen=True)
class Wish:
    """What a person asks for, before it is a task."""

    words: str
    requester: Person
    targets: tuple[str, ...] = ()
    agent: str = ""
    auto: Auto = "read"
    dry_run: bool = False
    conversation: str = ""
    history: tuple[Turn, ...] = field(default=())


class ItOps:
    """Submit, watch, decide, answer, cancel, resolve: all that a person can do with tasks."""

    def __init__(  # noqa: PLR0913 - one for each room that a person has to do with
        self,
        *,
        journal: Journal,
        engine: Engine,
        desk: Desk,
        targets: Targets,
        handover: Handover,
        learning: Learning,
        agents: frozenset[str],
        words_limit: int,
        poll_seconds: float,
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._desk = desk
        self._targets = targets
        self._handover = handover
        self._learning = learning
        self._agents = agents
        self._words_limit = words_limit
        self._poll_seconds = poll_seconds

    async def submit(self, wish: Wish) -> Task:
        """Start a task.

        Raises:
            UsageError: the words, a target or the agent are off. Nothing ran.
            StoreError: the task can't be recorded. Nothing ran.
        """
        task = Task(
            id="t" + "".join(secrets.choice(_ID_LETTERS) for _ in range(10)),
            words=self._checked(wish.words),
            requester=wish.requester,
            submitted_at=datetime.now(UTC),
            targets=wish.targets,
            agent=self._known_agent(wish.agent),
            auto=wish.auto,
            dry_run=wish.dry_run,
            conversation=wish.conversation,
            history=wish.history,
        )
        self._targets.resolve(task.targets, task.words)
        self._engine.launch()
        await self._journal.append(TaskSubmitted(task=task.id, key="submitted", submitted=task))
        await self._engine.start(task)
        return task

    async def watch(self, task: str, *, after: int = 0) -> AsyncIterator[Record]:
        """The events of a task as they happen, until it ends.

        Raises:
            ItOpsError: its story stopped in this process and its end can't be recorded; the task is left open.
        """
        while True:
            records = await self._journal.read(task=task, after=after)
            for record in records:
                after = record.seq
                yield record
                if record.event.kind == "task.ended":
                    return
            if not records:
                self._engine.check(task)
            await asyncio.sleep(self._poll_seconds)

    async def status(self, task: str) -> TaskView:
        """A task as it stands.

        Raises:
            UsageError: there is no such task.
        """
        records = await self._journal.read(task=task)
        if not records or records[0].event.kind != "task.submitted":
            raise UsageError(f"There is no task {task!r}.", mend="`itops tasks` lists them.")
        return view_of(records)

    async def tasks(self, *, limit: int = 50, conversation: str = "") -> list[TaskView]:
        """The latest tasks, newest first."""
        newest = _CONVERSED if conversation else limit
        submitted = await self._journal.read(kind="task.submitted", newest=newest)
        wanted = [
            record.event.task
            for record in submitted
            if isinstance(record.event, TaskSubmitted) and conversation in ("", record.event.submitted.conversation)
        ]
        return [await self.status(task) for task in reversed(wanted[-limit:])]

    async def approvals(self, task: str = "") -> list[Approval]:
        """What waits for a person's approval."""
        return await self._desk.pending(task)

    async def approval(self, approval: str) -> Approval:
        """One approval as it stands; an unknown one is a ``UsageError``."""
        return await self._desk.get(approval)

    async def decide(self, approval: str, *, approve: bool, by: Person, reason: str = "") -> Approval:
        """Approve or reject exactly one script; the task goes on by itself.

        Raises:
            UsageError: unknown, already decided or expired; or a rejection without a reason.
        """
        decided = await self._desk.decide(approval, approve=approve, by=by, reason=reason)
        await self._engine.nudge(decided.task)
        return decided

    async def answer(self, task: str, text: str, *, by: Person) -> None:
        """Answer the question that a task waits with."""
        view = await self.status(task)
        if view.question is None:
            raise UsageError(f"Task {task} asks nothing.", mend=f"`itops tasks show {task}` says where it stands.")
        key = f"question.{view.questions - 1}.answered"
        answered = QuestionAnswered(task=task, key=key, answer=self._checked(text), by=by)
        await self._journal.append(answered)
        await self._engine.nudge(task)

    async def cancel(self, task: str, *, by: Person, reason: str = "") -> None:
        """Stop a task at whatever moment it is; what ran before stands."""
        view = await self.status(task)
        if view.state.ended:
            raise UsageError(f"Task {task} has ended: {view.state.value}.", world="Nothing changed.")
        await self._journal.append(CancelRequested(task=task, key="cancel", by=by, reason=reason))
        await self._go_on(view)

    async def resolve(self, task: str, *, done: bool, reason: str, by: Person) -> None:
        """Say what a look at the target showed of an unknown outcome."""
        view = await self.status(task)
        if not view.doubted:
            raise UsageError(f"Task {task} has no unknown outcome.", world="Nothing changed.")
        if not reason.strip():
            raise UsageError("Say with --reason what you saw.", world="Nothing changed.")
        resolved = OutcomeResolved(
            task=task, key=f"{view.doubted}.resolved", action=view.doubted, done=done, reason=reason, by=by
        )
        await self._journal.append(resolved)
        await self._engine.nudge(task)

    async def resume(self, task: str) -> None:
        """Go on with a task whose process is dead, or that was never started."""
        view = await self.status(task)
        if view.state.ended:
            raise UsageError(f"Task {task} has ended: {view.state.value}.", world="Nothing changed.")
        await self._go_on(view)

    async def reveal(self, task: str, *, by: Person) -> dict[str, Secret]:
        """The secrets that were generated for a task: to its requester alone, and once."""
        view = await self.status(task)
        if view.task is None or view.task.requester.id != by.id:
            raise NotPermitted("Only the requester of a task is shown its secrets.", world="Nothing was shown.")
        revealed = await self._handover.reveal(task)
        for name in revealed:
            await self._journal.append(SecretRevealed(task=task, key=f"revealed.{name}", name=name, to=by))
        return revealed

    async def feedback(
        self, task: str, opinion: Opinion, *, by: Person, instruction: str = "", comment: str = ""
    ) -> tuple[InstructionRef, ...]:
        """Say of a task's instructions, or of one of them, what they were worth; a later word replaces an earlier one.

        Returns:
            The versions that this was said of: those that the task used.

        Raises:
            UsageError: no such task, it goes on yet, or it used no such instruction.
        """
        view = await self._ended(task)
        used = tuple(ref for ref in view.used if instruction in ("", ref.id))
        if not used:
            named = f"the instruction {instruction!r}" if instruction else "an instruction"
            raise UsageError(
                f"Task {task} did not use {named}.",
                world="Nothing was recorded.",
                mend=f"It used: {', '.join(ref.id for ref in view.used) or 'none'}.",
            )
        said = self._checked(comment) if comment.strip() else ""
        await self._learning.rate(task, used, opinion, comment=said, by=by)
        return used

    async def draft(self, task: str, *, identity: str, title: str = "") -> Instruction:
        """The instruction that the scripts of a finished task would make; nothing is kept.

        Raises:
            UsageError: no such task, or one that makes no instruction.
        """
        view = await self._ended(task)
        if view.task is None or view.state not in (TaskState.SUCCEEDED, TaskState.ANSWERED):
            raise UsageError(f"Task {task} did not succeed: {view.state.value}.", world="Nothing was saved.")
        answers = tuple(view.answers)
        return await self._learning.draft(view.task, view.steps, answers, identity=identity, title=title)

    async def save(self, task: str, *, identity: str, title: str = "", by: Person) -> Instruction:
        """Keep a finished task as a draft instruction.

        Raises:
            UsageError: no such task, one that makes no instruction, or the id is taken.
        """
        return await self._learning.keep(await self.draft(task, identity=identity, title=title), by=by)

    async def settled(self, task: str) -> None:
        """Wait until this process has nothing more to write of a task that has ended."""
        await self._engine.settled(task)

    def targets(self) -> list[Target]:
        """Where commands can run."""
        return self._targets.targets()

    async def work(self) -> None:
        """Be a process that takes over what dead ones leave, until cancelled."""
        await self._engine.watch_for_dead()

    async def _ended(self, task: str) -> TaskView:
        """A task that whoever asks may see, at its end."""
        view = await self.status(task)
        if not view.state.ended:
            raise UsageError(f"Task {task} has not ended: {view.state.value}.", world="Nothing changed.")
        return view

    async def _go_on(self, view: TaskView) -> None:
        """Wake a task; one whose process died between recording and starting it is started."""
        if view.task is not None:
            await self._engine.start(view.task)
        await self._engine.nudge(view.id)

    def _checked(self, words: str) -> str:
        words = words.strip()
        if not words:
            raise UsageError("There are no words to work on.", mend='Say what to do: itops run "show uptime".')
        if len(words.encode(errors="replace")) > self._words_limit:
            raise UsageError(
                f"The text has {len(words):,} characters; the limit is {self._words_limit:,} bytes.",
                mend="Say it shorter; put long material into an instruction.",
            )
        if any((ord(letter) < ord(" ") and letter not in _ALLOWED_CONTROLS) or letter == "\ufffd" for letter in words):
            raise UsageError("The text is binary, or not valid UTF-8.", mend="Say it in plain words.")
        try:
            words.encode()
        except UnicodeEncodeError:
            raise UsageError("The text is binary, or not valid UTF-8.", mend="Say it in plain words.") from None
        return words

    def _known_agent(self, agent: str) -> str:
        if agent and agent not in self._agents:
            raise UsageError(
                f"There is no agent {agent!r}; there are: {', '.join(sorted(self._agents))}.",
                mend="`itops agents list` says more.",
            )
        return agent
