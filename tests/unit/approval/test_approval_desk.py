"""Asking, and the ways a question ends."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from itops.domain.approval import Approval, ApprovalState
from itops.domain.identity import Person
from itops.domain.verdict import Decision
from itops.errors import JournalError, NotPermitted, UsageError
from itops.testing.memory_approval_store import MemoryApprovalStore
from itops.testing.memory_journal import MemoryJournal


async def test_a_request_is_bound_and_waits(office: Any) -> None:
    approval = await office.request()
    assert approval.state is ApprovalState.PENDING
    assert approval.id == "t-1.1"
    assert (approval.task, approval.action, approval.requester) == ("t", "t-1", office.ann)
    assert approval.policy_version == "p1"
    assert approval.requested_at == office.now
    assert approval.expires_at == office.now + timedelta(minutes=15)
    assert await office.desk.pending() == [approval]
    assert await office.desk.get(approval.id) == approval
    assert [event.approval for event in office.requests] == [approval]


async def test_it_is_bound_to_the_digest_of_the_script(office: Any) -> None:
    one, other = await office.request("a"), await office.request("b", action="t-2")
    assert one.digest != other.digest


async def test_asking_again_is_the_same_question(office: Any) -> None:
    first = await office.request()
    office.wait(1)
    assert await office.request() == first
    assert len(office.requests) == 1


async def test_asking_again_after_the_answer_is_the_same_question(office: Any) -> None:
    first = await office.request()
    approved = await office.desk.decide(first.id, approve=True, by=office.bob)
    assert await office.request() == approved
    assert len(office.requests) == 1


async def test_many_at_once_ask_one_question(office: Any) -> None:
    assert len({approval.id for approval in await asyncio.gather(*(office.request() for _ in range(9)))}) == 1
    assert len(office.requests) == 1


class Crowded(MemoryApprovalStore):
    """Another process takes the id just before this one does."""

    def __init__(self, first: Approval) -> None:
        super().__init__()
        self.first = first

    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        if expected is None:
            await super().put(self.first, expected=None)
        return await super().put(approval, expected=expected)


async def test_who_asks_the_same_a_moment_later_shares_the_question(office: Any) -> None:
    first = await office.request()
    office.store = Crowded(first)
    office.wait(0.01)
    assert await office.request() == first


async def test_who_asks_something_else_a_moment_later_gets_the_next_id(office: Any) -> None:
    first = await office.request()
    office.store, office.journal = Crowded(first), MemoryJournal()
    second = await office.request("reboot")
    assert (second.id, second.state) == ("t-1.2", ApprovalState.PENDING)
    assert await office.desk.pending() == [second]


@pytest.mark.parametrize(
    "other", [{"text": "reboot"}, {"policy_version": "p2"}, {"requester": Person(id="bob")}], ids=str
)
async def test_another_question_takes_the_place_of_the_first(office: Any, other: dict[str, object]) -> None:
    first = await office.request()
    second = await office.request(**other)
    assert (first.id, second.id) == ("t-1.1", "t-1.2")
    assert await office.desk.pending() == [second]
    withdrawn = await office.desk.get(first.id)
    assert (withdrawn.state, withdrawn.reason) == (
        ApprovalState.WITHDRAWN,
        "This action now asks about another script.",
    )


async def test_another_question_does_not_take_an_old_answer(office: Any) -> None:
    first = await office.request()
    await office.desk.decide(first.id, approve=True, by=office.bob)
    assert (await office.request("reboot")).state is ApprovalState.PENDING
    assert (await office.desk.get(first.id)).state is ApprovalState.APPROVED


async def test_other_actions_have_questions_of_their_own(office: Any) -> None:
    first, second = await office.request(), await office.request(action="t-2")
    assert await office.desk.pending("t") == [first, second]
    assert await office.desk.pending("u") == []


@pytest.mark.parametrize("minutes", [15, 16])
async def test_after_its_time_the_question_is_a_new_one(office: Any, minutes: float) -> None:
    first = await office.request()
    office.wait(minutes)
    second = await office.request()
    assert second.id != first.id
    assert second.expires_at == office.now + timedelta(minutes=15)


async def test_a_rejected_script_may_be_asked_about_again(office: Any) -> None:
    first = await office.request()
    await office.desk.decide(first.id, approve=False, by=office.bob, reason="no")
    assert (await office.request()).state is ApprovalState.PENDING


async def test_a_used_approval_is_not_handed_out_for_a_new_question(office: Any) -> None:
    first = await office.request()
    await office.desk.decide(first.id, approve=True, by=office.bob)
    await office.desk.redeem(first.id, action="t-1")
    assert (await office.request()).state is ApprovalState.PENDING


async def test_a_denial_is_never_put_to_a_person(office: Any) -> None:
    with pytest.raises(NotPermitted, match="denies"):
        await office.request(decision=Decision.DENY)
    with pytest.raises(NotPermitted, match="another script"):
        await office.request(digest="0" * 64)
    assert await office.desk.pending() == []
    assert office.journal.events == []


async def test_a_crash_after_the_store_is_mended_by_asking_again(office: Any) -> None:
    office.journal.failure = JournalError("full")
    with pytest.raises(JournalError):
        await office.request()
    office.journal.failure = None
    approval = await office.request()
    assert [event.approval for event in office.requests] == [approval]


async def test_the_event_of_a_mended_request_shows_it_as_it_was_asked(office: Any) -> None:
    office.journal.failure = JournalError("full")
    with pytest.raises(JournalError):
        await office.request()
    office.journal.failure = None
    asked = (await office.desk.pending())[0]
    await office.desk.decide(asked.id, approve=True, by=office.bob, reason="fine")
    await office.request()
    assert office.requests[0].approval == asked


async def test_pending_leaves_out_what_is_too_old(office: Any) -> None:
    await office.request()
    office.wait(14.99)
    assert len(await office.desk.pending()) == 1
    office.wait(0.01)
    assert await office.desk.pending() == []


async def test_an_unknown_approval_is_an_error_of_the_call(office: Any) -> None:
    for call in (
        office.desk.get("x"),
        office.desk.decide("x", approve=True, by=office.bob),
        office.desk.redeem("x", action="t-1"),
        office.desk.withdraw("x", "why"),
        office.desk.expire("x"),
    ):
        with pytest.raises(UsageError, match="no approval 'x'"):
            await call


async def test_withdrawing_ends_the_question(office: Any) -> None:
    approval = await office.request()
    withdrawn = await office.desk.withdraw(approval.id, "cancelled")
    assert (withdrawn.state, withdrawn.reason) == (ApprovalState.WITHDRAWN, "cancelled")
    assert (withdrawn.decided_by, withdrawn.decided_at) == (None, office.now)
    assert [event.approval for event in office.decisions] == [withdrawn]
    assert await office.desk.withdraw(approval.id, "again") == withdrawn
    with pytest.raises(UsageError, match="was withdrawn by itops at"):
        await office.desk.decide(approval.id, approve=True, by=office.bob)


async def test_expiring_ends_the_question(office: Any) -> None:
    approval = await office.request()
    expired = await office.desk.expire(approval.id)
    assert (expired.state, expired.reason) == (ApprovalState.EXPIRED, "")
    assert [event.approval for event in office.decisions] == [expired]
    assert await office.desk.get(approval.id) == expired


@pytest.mark.parametrize("approve", [True, False])
async def test_an_answer_outlives_expiry_and_withdrawal(office: Any, approve: bool) -> None:
    approval = await office.request()
    decided = await office.desk.decide(approval.id, approve=approve, by=office.bob, reason="seen")
    assert await office.desk.expire(approval.id) == decided
    assert await office.desk.withdraw(approval.id, "late") == decided
    assert len(office.decisions) == 1


async def test_what_is_due_expires_and_nothing_else(office: Any) -> None:
    old: Approval = await office.request()
    office.wait(15)
    young = await office.request(action="t-2")
    assert [approval.id for approval in await office.desk.expire_due()] == [old.id]
    assert await office.desk.expire_due() == []
    assert await office.desk.pending() == [young]
    assert (await office.desk.get(old.id)).state is ApprovalState.EXPIRED
