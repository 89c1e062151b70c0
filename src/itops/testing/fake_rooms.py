"""Small fakes of the rooms, so that a test builds the whole facade in a few lines."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from itops.agents.base_agent import (
    AnswerRequest,
    AnswerThought,
    PlanRequest,
    PlanThought,
    ProposeRequest,
    ProposeThought,
)
from itops.app import ItOps
from itops.approval.approval_desk import ApprovalDesk
from itops.domain.approval import ApprovedScript
from itops.domain.effect import Effect
from itops.domain.event import InstructionRated, Journal, RunFinished, RunIntended
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, InstructionRef, Language, Opinion, RankedInstruction
from itops.domain.origins import Origins
from itops.domain.outcome import Answer, Step
from itops.domain.plan import Done, Plan, Planning, Proposal, Subtask
from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Facts, Limits, Script
from itops.domain.secret import Secret
from itops.domain.target import Platform, Target
from itops.domain.task import Auto, Task
from itops.domain.verdict import Decision, Reason, Verdict
from itops.targets.inventory import Inventory
from itops.testing.memory_approval_store import MemoryApprovalStore
from itops.testing.memory_engine import MemoryEngine
from itops.testing.memory_journal import MemoryJournal
from itops.workflow.task_steps import Rooms, TaskSteps
from itops.workflow.task_workflow import Bounds


class FakeAgent:
    """Says what it was told to say, in order; then that it is done."""

    name = "fake"

    def __init__(self, proposals: Iterable[Proposal] = (), plan: Planning | None = None) -> None:
        self._proposals = deque(proposals)
        self._plan = plan
        self.requests: list[ProposeRequest] = []

    async def plan(self, request: PlanRequest) -> PlanThought:
        """The plan it was given, or the whole words as one subtask."""
        return PlanThought(planning=self._plan or Plan(subtasks=(Subtask(words=request.task.words),)))

    async def propose(self, request: ProposeRequest) -> ProposeThought:
        """The next proposal."""
        self.requests.append(request)
        return ProposeThought(proposal=self._proposals.popleft() if self._proposals else Done(because="No more."))

    async def answer(self, request: AnswerRequest) -> AnswerThought:
        """The state in a word."""
        return AnswerThought(answer=Answer(text=request.outcome.state.value))


class FakeLibrary:
    """The instructions it was given, whatever the words."""

    def __init__(self, *instructions: Instruction) -> None:
        self._instructions = instructions

    async def find(
        self, words: str, *, platform: Platform, tools: frozenset[str] | None = None, top: int = 5
    ) -> list[RankedInstruction]:
        """All of them, certain."""
        del words, platform, tools
        return [RankedInstruction(instruction=each, score=1.0) for each in self._instructions[:top]]

    async def get(self, instruction_id: str, version: str = "") -> Instruction | None:
        """By id, and version where one is named."""
        found = [each for each in self._instructions if each.id == instruction_id and version in ("", each.version)]
        return found[0] if found else None


class FakeReader:
    """Takes templates as they are; a script that holds ``<…>`` has an unfilled placeholder."""

    tools = frozenset({"true"})

    async def read(self, language: Language, text: str) -> Facts:
        """Nothing to see."""
        del language, text
        return Facts()

    async def unfilled(self, language: Language, text: str) -> tuple[str, ...]:
        """What stands between angle brackets."""
        del language
        return (text,) if "<" in text else ()

    def tools_of(self, facts: Facts) -> frozenset[str]:
        """Always the same."""
        del facts
        return self.tools

    def render(self, block: Block, values: dict[str, str]) -> str:
        """The template itself."""
        del values
        return block.text

    async def is_instance(self, text: str, block: Block, values: dict[str, str]) -> bool:
        """Where the text is the template."""
        del values
        return text == block.text

    async def differences(self, script: Script, instruction: Instruction) -> tuple[str, ...]:
        """None are told."""
        del script, instruction
        return ()

    def valid(self, instruction: Instruction, values: dict[str, str]) -> bool:
        """Always."""
        del instruction, values
        return True


class FakePolicy:
    """One decision for everything; a script that holds ``deny`` is denied."""

    def __init__(self, decision: Decision = Decision.ALLOW, *, repeatable: bool = False) -> None:
        self._decision = decision
        self._repeatable = repeatable

    def judge(
        self,
        *,
        script: Script,
        facts: Facts,
        person: Person,
        auto: Auto,
        instance_of: Instruction | None,
        now: datetime,
        origins: Origins,
        differs: tuple[str, ...],
    ) -> Verdict:
        """The decision it was made with."""
        del facts, person, auto, origins, differs
        return Verdict(
            decision=Decision.DENY if "deny" in script.text else self._decision,
            effect=Effect.CHANGE,
            reasons=(Reason(rule="fake", message="because"),),
            digest=script.digest,
            policy_version="1",
            judged_at=now,
            expires_at=now + timedelta(minutes=15),
            conforms_to=instance_of.ref if instance_of else None,
            repeatable=self._repeatable,
        )


class FakeRunner:
    """Runs nothing: notes what it was asked to run and gives the next result; then success."""

    def __init__(self, journal: Journal, states: Iterable[ResultState] = ()) -> None:
        self._journal = journal
        self._states = deque(states)
        self.ran: list[str] = []
        self.forgotten: list[str] = []
        self.before: Callable[[], None] = lambda: None

    async def run(
        self, approved: ApprovedScript, *, task: str, action: str, attempt: int, stop: asyncio.Event
    ) -> tuple[Result, ...]:
        """One result for the first target."""
        self.before()
        self.ran.append(approved.script.text)
        target, key = approved.script.targets[0].name, f"{action}.{attempt}.{approved.script.targets[0].name}"
        intended = RunIntended(
            task=task, key=f"{key}.intended", action=action, attempt=key, target=target, digest=approved.script.digest
        )
        await self._journal.append(intended)
        state = self._states.popleft() if self._states else ResultState.SUCCEEDED
        if "sleep" in approved.script.text:
            await stop.wait()
            state = ResultState.CANCELLED
        result = Result(target=target, state=state, attempt=key, exit_code=0, stdout=Output(text="out"))
        await self._journal.append(RunFinished(task=task, key=f"{key}.finished", action=action, result=result))
        return (result,)

    async def started(self, script: Script, *, action: str, attempt: int) -> bool:
        """Nothing is ever found started."""
        del script, action, attempt
        return False

    async def forget(self, target: Target, attempt: str) -> None:
        """Note that it was asked."""
        del target
        self.forgotten.append(attempt)


class FakeHandover:
    """Holds the secrets it was given, once."""

    def __init__(self, **values: str) -> None:
        self._values = values

    async def reveal(self, task: str) -> dict[str, Secret]:
        """All of them, the first time."""
        del task
        given, self._values = self._values, {}
        return {name: Secret(value) for name, value in given.items()}


class FakeLearning:
    """Notes what was said of which instructions, and keeps what it was given."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.kept: list[Instruction] = []

    async def rate(
        self, task: str, used: Sequence[InstructionRef], opinion: Opinion, *, comment: str, by: Person
    ) -> None:
        """One event for each."""
        for ref in used:
            key = f"rated.{uuid4().hex}"
            rated = InstructionRated(task=task, key=key, instruction=ref, opinion=opinion, comment=comment, by=by)
            await self._journal.append(rated)

    async def draft(
        self, task: Task, steps: tuple[Step, ...], answers: tuple[str, ...], *, identity: str, title: str
    ) -> Instruction:
        """The first script as it stands."""
        del answers
        script = steps[0].script
        block = Block(kind="run", language=script.language, text=script.text)
        return Instruction(id=identity, title=title or task.words, platform=Platform.LINUX, blocks=(block,))

    async def keep(self, instruction: Instruction, *, by: Person) -> Instruction:
        """Take it as it is."""
        del by
        self.kept.append(instruction)
        return instruction


class FakeHouse:
    """The facade over fakes, with the fakes at hand."""

    def __init__(
        self,
        agent: FakeAgent | None = None,
        *,
        policy: FakePolicy | None = None,
        library: FakeLibrary | None = None,
        states: Iterable[ResultState] = (),
        bounds: Bounds | None = None,
        minutes: float = 15.0,
        secrets: dict[str, str] | None = None,
    ) -> None:
        self.agent = agent or FakeAgent()
        self.journal = MemoryJournal()
        self.runner = FakeRunner(self.journal, states)
        self.desk = ApprovalDesk(MemoryApprovalStore(), self.journal, minutes=minutes, clock=lambda: datetime.now(UTC))
        self.learning = FakeLearning(self.journal)
        self._library = library or FakeLibrary()
        rooms = Rooms(
            journal=self.journal,
            targets=Inventory(),
            tools=self._tools,
            library=self._open_library,
            agents=self._agent,
            reader=FakeReader(),
            policy=policy or FakePolicy(),
            desk=self.desk,
            runner=self.runner,
            limits=Limits(),
            question_seconds=minutes * 60,
            poll_seconds=0.01,
        )
        self.engine = MemoryEngine(TaskSteps(rooms), bounds)
        self.app = ItOps(
            journal=self.journal,
            engine=self.engine,
            desk=self.desk,
            targets=Inventory(),
            handover=FakeHandover(**(secrets or {})),
            learning=self.learning,
            agents=frozenset({"fake"}),
            words_limit=16_384,
            poll_seconds=0.01,
        )

    def _agent(self, task: Task) -> FakeAgent:
        del task
        return self.agent

    async def _tools(self, target: Target) -> frozenset[str]:
        del target
        return frozenset({"true"})

    async def _open_library(self) -> FakeLibrary:
        return self._library
