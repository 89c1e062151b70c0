"""What the steps need of the rooms, each as small as its use here; bootstrap gives the real ones."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from itops.agents.base_agent import BaseAgent
from itops.domain.approval import Approval, ApprovedScript
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, Language, RankedInstruction
from itops.domain.origins import Origins
from itops.domain.preview import Preview, PreviewScript
from itops.domain.result import Result
from itops.domain.script import Facts, Script
from itops.domain.target import Platform, Target
from itops.domain.task import Auto, Task
from itops.domain.verdict import Verdict

Agents = Callable[[Task], BaseAgent]
"""The agent that thinks for a task, and whose models the task pays for."""


class Library(Protocol):
    """The instructions."""

    async def find(
        self, words: str, *, platform: Platform, tools: frozenset[str] | None = None, top: int = 5
    ) -> list[RankedInstruction]:
        """The best instructions for these words, best first."""
        ...

    async def get(self, instruction: str, /, version: str = "") -> Instruction | None:
        """One version of one instruction; the current one where no version is named."""
        ...


class Targets(Protocol):
    """Names to frozen targets."""

    def resolve(self, names: tuple[str, ...], words: str = "") -> tuple[Target, ...]:
        """The targets of these names; an unknown one is an error."""
        ...


class Tools(Protocol):
    """What programs a target has."""

    async def __call__(self, target: Target) -> frozenset[str] | None:
        """Their names; None where they are not known."""
        ...


class Reader(Protocol):
    """Text and its meaning."""

    async def read(self, language: Language, text: str) -> Facts:
        """What the text would touch."""
        ...

    async def unfilled(self, language: Language, text: str) -> tuple[str, ...]:
        """Placeholders that were left in a script."""
        ...

    def tools_of(self, facts: Facts) -> frozenset[str]:
        """The programs that a target must have."""
        ...

    def render(self, block: Block, values: dict[str, str]) -> str:
        """A template with its values, quoted."""
        ...

    async def is_instance(self, text: str, block: Block, values: dict[str, str]) -> bool:
        """Whether the text is exactly this template with these values."""
        ...

    async def differences(self, script: Script, instruction: Instruction) -> tuple[str, ...]:
        """How a script that is nearly an instance of the instruction differs from it."""
        ...

    def valid(self, instruction: Instruction, values: dict[str, str]) -> bool:
        """Whether these are all the values that the instruction needs, and each passes its pattern."""
        ...


class Policy(Protocol):
    """Facts to a verdict, without a model."""

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
        """The verdict on exactly this script; ``origins`` are the texts that its words may come from."""
        ...


class Desk(Protocol):
    """Pending questions to people about scripts."""

    async def request(
        self,
        *,
        task: str,
        action: str,
        script: Script,
        verdict: Verdict,
        requester: Person,
        preview: Preview | None = None,
    ) -> Approval:
        """Ask; the same action and digest is asked once. ``preview`` is told with the question."""
        ...

    async def get(self, approval_id: str) -> Approval:
        """One approval as it stands."""
        ...

    async def expire(self, approval_id: str) -> Approval:
        """Close a pending approval whose time is over."""
        ...

    async def redeem(self, approval_id: str, *, action: str) -> Approval:
        """Use an approval up, for this action alone."""
        ...

    async def pending(self, task: str = "") -> list[Approval]:
        """What waits for a person."""
        ...

    async def withdraw(self, approval_id: str, reason: str) -> Approval:
        """Close a pending approval that is not needed any more."""
        ...


class Previews(Protocol):
    """Where a script is tried before a person is asked."""

    async def preview(self, permitted: PreviewScript) -> Preview:
        """What it would change, or why that can't be seen; it lasts some seconds at most, and nothing of it stays."""
        ...


class Runner(Protocol):
    """The one place where anything runs."""

    async def run(
        self, approved: ApprovedScript, *, task: str, action: str, attempt: int, stop: asyncio.Event
    ) -> tuple[Result, ...]:
        """Run on each target, once for this attempt, and record it."""
        ...

    async def started(self, script: Script, *, action: str, attempt: int) -> bool:
        """Whether this attempt was started on any target."""
        ...

    async def forget(self, target: Target, attempt: str) -> None:
        """Remove what an attempt left behind, once its result is recorded for good."""
        ...
