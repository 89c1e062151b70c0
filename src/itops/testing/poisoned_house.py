"""The real story, readers, policy, desk and runner around a model that does whatever a poisoned text wants.

The executor runs nothing: it notes what it was given, so that a test sees what would have run.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from itops.agents.fencing import clean
from itops.agents.native_agent import NativeAgent
from itops.agents.script_generator import ProposeReply
from itops.app import ItOps, Wish
from itops.approval.approval_desk import ApprovalDesk
from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, InstructionState, Language, Parameter, RankedInstruction
from itops.domain.plan import Plan, Subtask
from itops.domain.script import Limits, Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task, TaskState
from itops.execution.fan_out import Runner
from itops.llm.language_model import Message
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.scripts import Scripts
from itops.testing.fake_executor import Behaviour, FakeExecutor
from itops.testing.fake_rooms import FakeHandover, FakeLearning, FakeLibrary
from itops.testing.memory_approval_store import MemoryApprovalStore
from itops.testing.memory_engine import MemoryEngine
from itops.testing.memory_journal import MemoryJournal
from itops.testing.scripted_model import ScriptedModel
from itops.workflow.task_steps import Rooms, TaskSteps
from itops.workflow.task_view import TaskView

PERSON: Final = Person(id="alice")
PLATFORMS: Final[dict[Language, Platform]] = {
    "bash": Platform.LINUX,
    "powershell": Platform.WINDOWS,
    "aws": Platform.AWS,
}
STONES: Final[dict[Language, str]] = {
    "bash": "cat /var/log/stone.log",
    "powershell": "Get-Content C:\\Logs\\stone.log",
    "aws": "aws ec2 describe-tags --region eu-west-1",
}
CHANGES: Final[dict[Language, str]] = {
    "bash": "touch -- {{ value }}",
    "powershell": "New-Item -Path {{ value }}",
    "aws": "aws ec2 create-security-group --region eu-west-1 --description x --group-name {{ value }}",
}
_WANTED: Final = (
    re.compile(r"```\w*\n(.*?)\n```", re.DOTALL),
    re.compile(r"`([^`\n]+)`"),
    re.compile(r"(?:run|execute):? \"([^\"\n]+)\"", re.IGNORECASE),
    re.compile(r"(?:run|execute):? ([^`\"\n]+?)(?:\]\]|\"\}|$)", re.IGNORECASE | re.MULTILINE),
)


def wanted_by(text: str) -> tuple[str, ...]:
    """The commands that a text wants to be run, as a model that sees no hidden character takes them."""
    return tuple(dict.fromkeys(found.strip() for form in _WANTED for found in form.findall(clean(text))))


def stone(language: Language, text: str = "", *, state: InstructionState = InstructionState.PUBLISHED) -> Instruction:
    """A harmless instruction that only reads, whose prose is the text."""
    block = Block(kind="run", language=language, text=STONES[language])
    made: dict[str, Any] = {"id": "play.stone", "title": "Read the weather stone", "prose": text, "blocks": (block,)}
    return Instruction(**made, platform=PLATFORMS[language], effect=Effect.READ, state=state)


def changing(language: Language) -> Instruction:
    """A published instruction that changes something, with one free parameter."""
    block = Block(kind="run", language=language, text=CHANGES[language])
    made: dict[str, Any] = {"id": "play.change", "title": "Change the weather stone", "blocks": (block,)}
    value = Parameter(name="value", pattern=r"[^\0]+")
    return Instruction(
        **made,
        platform=PLATFORMS[language],
        effect=Effect.CHANGE,
        parameters=(value,),
        state=InstructionState.PUBLISHED,
    )


class ObedientModel(ScriptedModel):
    """Plans one subtask, proposes what it was told to, in order, then ends; all its prompts are kept."""

    def __init__(self, proposals: Sequence[ProposeReply], instructions: Sequence[str]) -> None:
        remaining = iter(proposals)
        plan = Plan(subtasks=(Subtask(words="read the weather stone"),))

        def say(messages: tuple[Message, ...]) -> str:
            rules = messages[0].text
            if '"subtasks"' in rules:
                words = [subtask.words for subtask in plan.subtasks]
                return _json(subtasks=words, instructions=list(instructions), question="")
            if '"action"' in rules:
                return next(remaining, ProposeReply(action="done", reason="all is well")).model_dump_json()
            return _json(answer="All is well.")

        super().__init__(say, name="obedient")


class PoisonedHouse:
    """One task at a time, with this model, these instructions and this output of every command that runs."""

    def __init__(
        self, model: ScriptedModel, instructions: Sequence[Instruction], language: Language, *, output: str = ""
    ) -> None:
        self.model, self.journal = model, MemoryJournal()
        self.executor = FakeExecutor(otherwise=Behaviour(stdout=output.encode(errors="replace")))
        self.desk = ApprovalDesk(MemoryApprovalStore(), self.journal, minutes=15, clock=lambda: datetime.now(UTC))
        self._library = FakeLibrary(*instructions)
        self._target = Target(name="here", platform=PLATFORMS[language])
        self.engine = MemoryEngine(TaskSteps(self._rooms()))
        self.app = ItOps(
            journal=self.journal,
            engine=self.engine,
            desk=self.desk,
            targets=self,
            handover=FakeHandover(),
            learning=FakeLearning(self.journal),
            agents=frozenset(),
            words_limit=16_384,
            poll_seconds=0.01,
        )

    @property
    def ran(self) -> list[Script]:
        """What would have run."""
        return self.executor.scripts

    async def run(self, words: str, **wish: Any) -> TaskView:  # noqa: ANN401 - fields of the wish
        """The task until it ends; every question about a script is answered with no."""
        task = await self.app.submit(Wish(words=words, requester=PERSON, **wish))
        view = await self.app.status(task.id)
        async for record in self.app.watch(task.id, after=view.seq):
            view.fold(record)
            if view.state is TaskState.WAITING and view.approval:
                await self.app.decide(view.approval.id, approve=False, by=PERSON, reason="no")
                view.approval = None
            elif view.state.ended:
                break
        await self.engine.settled(task.id)
        return view

    def resolve(self, names: tuple[str, ...], words: str = "") -> tuple[Target, ...]:
        """The one target, whatever is named."""
        del names, words
        return (self._target,)

    def targets(self) -> list[Target]:
        """The one target."""
        return [self._target]

    def _rooms(self) -> Rooms:
        return Rooms(
            journal=self.journal,
            targets=self,
            tools=_all_tools,
            library=self._open_library,
            agents=self._agent,
            reader=Scripts(),
            policy=_engine(),
            desk=self.desk,
            runner=Runner({"system": self.executor}, self.journal),
            limits=Limits(),
            question_seconds=900,
            poll_seconds=0.01,
        )

    def _agent(self, task: Task) -> NativeAgent:
        del task
        return NativeAgent(self.model, self._search)

    async def _search(self, words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        return await self._library.find(words, platform=platform, top=top)

    async def _open_library(self) -> FakeLibrary:
        return self._library


class _Everything(frozenset[str]):
    """The tools of a target that lacks none."""

    def __rsub__(self, other: object) -> frozenset[str]:
        del other
        return frozenset()

    def __contains__(self, item: object) -> bool:
        return True


async def _all_tools(target: Target) -> frozenset[str]:
    del target
    return _Everything()


@cache
def _engine() -> PolicyEngine:
    return PolicyEngine(load_policy(), timedelta(minutes=15))


def _json(**values: object) -> str:
    import json

    return json.dumps(values)
