"""The facade over a real engine, journal and approvals in one folder; the other rooms are fakes.

``python -m itops.testing.durable_house FOLDER submit|take [TASK]`` is a process of its own, to be killed by a test.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from itops.agents.base_agent import ProposeRequest, ProposeThought
from itops.app import ItOps, Wish
from itops.approval.approval_desk import ApprovalDesk
from itops.domain.approval import ApprovedScript
from itops.domain.event import Journal
from itops.domain.identity import Person
from itops.domain.plan import Plan, ScriptProposal, Subtask
from itops.domain.result import Result
from itops.domain.script import Limits
from itops.domain.target import Target
from itops.domain.task import Task
from itops.domain.verdict import Decision
from itops.journal.anchor import Anchor
from itops.journal.sql_journal import SqlJournal
from itops.storage.database import Database, open_engine
from itops.storage.sql_approvals import SqlApprovals
from itops.storage.upgrade import upgrade
from itops.targets.inventory import Inventory
from itops.testing.fake_rooms import (
    FakeAgent,
    FakeHandover,
    FakeLearning,
    FakeLibrary,
    FakePolicy,
    FakeReader,
    FakeRunner,
)
from itops.workflow.engine import Engine
from itops.workflow.task_steps import Rooms, TaskSteps
from itops.workflow.task_workflow import Bounds

ALICE = Person(id="alice")
TEXTS = ("first", "second", "third")


class NotingRunner(FakeRunner):
    """Notes in the file ``ran`` what ran, and waits before the second script while the file ``hold`` is there."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        super().__init__(journal)
        self._folder = folder

    async def run(
        self, approved: ApprovedScript, *, task: str, action: str, attempt: int, stop: asyncio.Event
    ) -> tuple[Result, ...]:
        """Note it, then give the next result."""
        while approved.script.text == "second" and (self._folder / "hold").exists():
            (self._folder / "held").touch()
            await asyncio.sleep(0.01)
        with (self._folder / "ran").open("a") as file:
            file.write(approved.script.text + "\n")
        return await super().run(approved, task=task, action=action, attempt=attempt, stop=stop)


class DurableHouse:
    """What one process has of a folder; a task runs the three ``TEXTS`` in order, each in a subtask of its own."""

    def __init__(self, folder: Path, *, decision: Decision = Decision.ALLOW, agent: FakeAgent | None = None) -> None:
        self.folder = folder
        self.database = Database(open_engine(f"sqlite:///{folder}/itops.db"))
        upgrade(self.database.engine)
        self.journal = SqlJournal(self.database, anchor=Anchor(folder / "anchors", folder / "key"))
        store = SqlApprovals(self.database)
        self.desk = ApprovalDesk(store, self.journal, minutes=15, clock=lambda: datetime.now(UTC))
        self.agent = agent or SteadyAgent()
        self.rooms = Rooms(
            journal=self.journal,
            targets=Inventory(),
            tools=self._tools,
            library=self._library,
            agents=self._agent,
            reader=FakeReader(),
            policy=FakePolicy(decision),
            desk=self.desk,
            runner=NotingRunner(self.journal, folder),
            limits=Limits(),
            question_seconds=900,
            poll_seconds=0.01,
        )
        self.engine = Engine(
            url=f"sqlite:///{folder}/workflow.db",
            database=self.database,
            steps=lambda: TaskSteps(self.rooms),
            bounds=Bounds(),
            lease_seconds=15,
            poll_seconds=0.01,
        )
        self.app = ItOps(
            journal=self.journal,
            engine=self.engine,
            desk=self.desk,
            targets=Inventory(),
            handover=FakeHandover(),
            learning=FakeLearning(self.journal),
            agents=frozenset(),
            words_limit=1000,
            poll_seconds=0.01,
        )

    @property
    def ran(self) -> list[str]:
        """What ran so far, in whatever process."""
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []

    async def submit(self) -> str:
        """Start a task."""
        return (await self.app.submit(Wish(words="do it", requester=ALICE))).id

    def close(self) -> None:
        """End this process's part in it."""
        self.engine.close()
        self.database.engine.dispose()

    def _agent(self, task: Task) -> FakeAgent:
        del task
        return self.agent

    async def _tools(self, target: Target) -> frozenset[str]:
        del target
        return frozenset({"true"})

    async def _library(self) -> FakeLibrary:
        return FakeLibrary()


class SteadyAgent(FakeAgent):
    """Proposes what its subtask says, so that any process gives the same."""

    def __init__(self) -> None:
        super().__init__(plan=Plan(subtasks=tuple(Subtask(words=text) for text in TEXTS)))

    async def propose(self, request: ProposeRequest) -> ProposeThought:
        """The words themselves."""
        thought = await super().propose(request)
        proposal = ScriptProposal(language="bash", text=request.subtask.words)
        return thought.model_copy(update={"proposal": proposal})


@contextlib.contextmanager
def open_house(
    folder: Path, *, decision: Decision = Decision.ALLOW, agent: FakeAgent | None = None
) -> Iterator[DurableHouse]:
    """One process's time with the folder."""
    house = DurableHouse(folder, decision=decision, agent=agent)
    try:
        yield house
    finally:
        house.close()


async def _work(folder: Path, command: str, task: str) -> None:
    with open_house(folder) as house:
        if command == "submit":
            _say(await house.submit())
            await asyncio.to_thread(sys.stdin.read)
            return
        house.engine.launch()
        _say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        _say(len(await house.engine.take_over(task)))
        await asyncio.to_thread(sys.stdin.read)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_work(Path(sys.argv[1]), sys.argv[2], "".join(sys.argv[3:])))
