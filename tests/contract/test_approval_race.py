"""People who decide, and workers who redeem, at the same moment on one real database."""

import asyncio
from datetime import UTC, datetime

from itops.approval.approval_desk import ApprovalDesk
from itops.domain.approval import Approval, ApprovalState
from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.errors import UsageError
from itops.journal.sql_journal import SqlJournal
from itops.storage.database import Database
from itops.storage.sql_approvals import SqlApprovals

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCRIPT = Script(language="bash", text="reboot", targets=(Target(name="here", platform=Platform.LINUX),))
VERDICT = Verdict(
    decision=Decision.ASK,
    effect=Effect.CHANGE,
    reasons=(),
    digest=SCRIPT.digest,
    policy_version="p",
    judged_at=NOON,
    expires_at=NOON,
)
PEOPLE = [Person(id=str(number)) for number in range(8)]


def desk(database: Database) -> ApprovalDesk:
    return ApprovalDesk(SqlApprovals(database), SqlJournal(database), minutes=15, clock=lambda: NOON)


async def ask(database: Database, person: Person) -> Approval:
    return await desk(database).request(task="t", action="t-1", script=SCRIPT, verdict=VERDICT, requester=person)


async def test_one_question_one_decision_one_use(database: Database) -> None:
    asked = await asyncio.gather(*(ask(database, PEOPLE[0]) for _ in PEOPLE))
    assert len({approval.id for approval in asked}) == 1
    answers = await asyncio.gather(
        *(desk(database).decide(asked[0].id, approve=True, by=person) for person in PEOPLE), return_exceptions=True
    )
    won = [answer for answer in answers if isinstance(answer, Approval)]
    assert len(won) == 1
    assert [answer for answer in answers if not isinstance(answer, Approval | UsageError)] == []
    used = await asyncio.gather(*(desk(database).redeem(asked[0].id, action="t-1") for _ in PEOPLE))
    assert {(approval.state, approval.decided_by) for approval in used} == {(ApprovalState.REDEEMED, won[0].decided_by)}
    kinds = [record.event.kind for record in await SqlJournal(database).read()]
    assert kinds == ["approval.requested", "approval.decided"]
