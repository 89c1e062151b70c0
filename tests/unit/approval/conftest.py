"""A desk whose clock the test turns."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from itops.approval.approval_desk import ApprovalDesk, MayDecide, anybody
from itops.domain.approval import Approval
from itops.domain.effect import Effect
from itops.domain.event import ApprovalDecided, ApprovalRequested
from itops.domain.identity import Person
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.testing.memory_approval_store import MemoryApprovalStore
from itops.testing.memory_journal import MemoryJournal

MINUTES = 15


@dataclass
class Office:
    """A desk, what it writes to, and people who come to it."""

    store: MemoryApprovalStore = field(default_factory=MemoryApprovalStore)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)
    may_decide: MayDecide = anybody
    ann: Person = field(default_factory=lambda: Person(id="ann", name="Ann"))
    bob: Person = field(default_factory=lambda: Person(id="bob"))

    @property
    def desk(self) -> ApprovalDesk:
        """A new desk each time, as after a restart."""
        clock = lambda: self.now  # noqa: E731 - read at each call
        return ApprovalDesk(self.store, self.journal, minutes=MINUTES, clock=clock, may_decide=self.may_decide)

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    async def request(self, text: str = "systemctl restart x", *, action: str = "t-1", **said: object) -> Approval:
        script = Script(language="bash", text=text, targets=(Target(name="here", platform=Platform.LINUX),))
        verdict = Verdict.model_validate(
            {
                "decision": Decision.ASK,
                "effect": Effect.CHANGE,
                "reasons": (),
                "digest": script.digest,
                "policy_version": "p1",
                "judged_at": self.now,
                "expires_at": self.now + timedelta(minutes=1),
                **{name: value for name, value in said.items() if name != "requester"},
            }
        )
        requester = said.get("requester", self.ann)
        return await self.desk.request(task="t", action=action, script=script, verdict=verdict, requester=requester)

    @property
    def requests(self) -> list[ApprovalRequested]:
        return [event for event in self.journal.events if isinstance(event, ApprovalRequested)]

    @property
    def decisions(self) -> list[ApprovalDecided]:
        return [event for event in self.journal.events if isinstance(event, ApprovalDecided)]


@pytest.fixture
def office() -> Office:
    return Office()
