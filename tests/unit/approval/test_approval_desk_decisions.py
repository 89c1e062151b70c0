"""Deciding once, and using a decision once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from itops.domain.approval import Approval, ApprovalState
from itops.domain.identity import Person
from itops.errors import JournalError, NotPermitted, PermissionExpired, UsageError
from itops.testing.journal_contract import ended
from itops.testing.memory_approval_store import MemoryApprovalStore


async def test_an_approval_says_who_when_and_why(office: Any) -> None:
    approval = await office.request()
    office.wait(1)
    decided = await office.desk.decide(approval.id, approve=True, by=office.bob, reason=" looks right ")
    assert decided.state is ApprovalState.APPROVED
    assert (decided.decided_by, decided.decided_at, decided.reason) == (office.bob, office.now, "looks right")
    assert await office.desk.get(approval.id) == decided
    assert [event.approval for event in office.decisions] == [decided]


async def test_the_requester_may_decide_alone_by_default(office: Any) -> None:
    approval = await office.request()
    decided = await office.desk.decide(approval.id, approve=True, by=office.ann)
    assert (decided.decided_by, decided.reason) == (office.ann, "")


async def test_four_eyes(office: Any) -> None:
    office.may_decide = lambda approval, person: "Ask a colleague." if approval.requester == person else ""
    approval = await office.request()
    with pytest.raises(NotPermitted, match="Ask a colleague"):
        await office.desk.decide(approval.id, approve=True, by=office.ann)
    assert await office.desk.pending() == [approval]
    assert office.decisions == []
    assert (await office.desk.decide(approval.id, approve=True, by=office.bob)).state is ApprovalState.APPROVED


@pytest.mark.parametrize("reason", ["", " \n"])
async def test_a_rejection_wants_a_reason(office: Any, reason: str) -> None:
    approval = await office.request()
    with pytest.raises(UsageError, match="wants a reason"):
        await office.desk.decide(approval.id, approve=False, by=office.bob, reason=reason)
    assert await office.desk.pending() == [approval]
    rejected = await office.desk.decide(approval.id, approve=False, by=office.bob, reason="wrong host")
    assert (rejected.state, rejected.reason) == (ApprovalState.REJECTED, "wrong host")


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
@pytest.mark.parametrize("who", ["ann", "bob"])
async def test_a_second_decision_is_told_of_the_first(office: Any, first: bool, second: bool, who: str) -> None:
    approval = await office.request()
    decided = await office.desk.decide(approval.id, approve=first, by=office.ann, reason="seen")
    word = "approved" if first else "rejected"
    with pytest.raises(UsageError, match=f"was {word} by Ann at 2026-01-01 12:00:00 UTC"):
        await office.desk.decide(approval.id, approve=second, by=getattr(office, who), reason="me too")
    assert await office.desk.get(approval.id) == decided
    assert len(office.decisions) == 1


async def test_a_used_approval_is_told_of_as_approved(office: Any) -> None:
    approval = await office.request()
    await office.desk.decide(approval.id, approve=True, by=office.bob)
    await office.desk.redeem(approval.id, action="t-1")
    with pytest.raises(UsageError, match="was approved by bob at"):
        await office.desk.decide(approval.id, approve=False, by=office.ann, reason="stop")


@pytest.mark.parametrize("minutes", [15, 400])
async def test_too_late_a_decision_expires_the_question(office: Any, minutes: float) -> None:
    approval = await office.request()
    office.wait(minutes)
    with pytest.raises(UsageError, match="was expired at"):
        await office.desk.decide(approval.id, approve=True, by=office.bob)
    assert (await office.desk.get(approval.id)).state is ApprovalState.EXPIRED
    assert [event.approval.state for event in office.decisions] == [ApprovalState.EXPIRED]


async def test_of_many_who_decide_at_once_one_does(office: Any) -> None:
    approval = await office.request()
    people = [Person(id=str(number)) for number in range(8)]
    answers = await asyncio.gather(
        *(office.desk.decide(approval.id, approve=number % 2 == 0, by=person, reason="r")
          for number, person in enumerate(people)),
        return_exceptions=True,
    )  # fmt: skip
    won = [answer for answer in answers if isinstance(answer, Approval)]
    assert len(won) == 1
    assert won == [await office.desk.get(approval.id)]
    assert [event.approval for event in office.decisions] == won
    assert all(isinstance(answer, UsageError) for answer in answers if answer not in won)


async def test_a_decision_that_is_not_recorded_does_not_hold(office: Any) -> None:
    approval = await office.request()
    office.journal.failure = JournalError("full")
    with pytest.raises(JournalError):
        await office.desk.decide(approval.id, approve=True, by=office.bob)
    with pytest.raises(NotPermitted, match="is pending"):
        await office.desk.redeem(approval.id, action="t-1")


class DyingStore(MemoryApprovalStore):
    """Dies once, where the journal has the decision and the store has not."""

    dying = False

    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        if self.dying:
            self.dying = False
            raise KeyboardInterrupt
        return await super().put(approval, expected=expected)


async def crash_between(office: Any) -> tuple[Approval, datetime]:
    office.store = DyingStore()
    approval = await office.request()
    office.store.dying = True
    with pytest.raises(KeyboardInterrupt):
        await office.desk.decide(approval.id, approve=True, by=office.bob, reason="first")
    decided_at = office.now
    office.wait(1)
    return approval, decided_at


async def test_after_a_crash_the_same_decision_completes_the_first(office: Any) -> None:
    approval, decided_at = await crash_between(office)
    decided = await office.desk.decide(approval.id, approve=True, by=office.bob, reason="second")
    assert (decided.decided_at, decided.reason) == (decided_at, "first")
    assert await office.desk.get(approval.id) == decided
    assert [event.approval for event in office.decisions] == [decided]


@pytest.mark.parametrize(("approve", "who"), [(False, "bob"), (True, "ann"), (False, "ann")])
async def test_after_a_crash_another_decision_is_told_of_the_first(office: Any, approve: bool, who: str) -> None:
    approval, _ = await crash_between(office)
    with pytest.raises(UsageError, match="was approved by bob at 2026-01-01 12:00:00"):
        await office.desk.decide(approval.id, approve=approve, by=Person(id=who), reason="r")
    assert (await office.desk.get(approval.id)).state is ApprovalState.APPROVED
    assert len(office.decisions) == 1


async def test_after_a_crash_the_recorded_decision_beats_expiry(office: Any) -> None:
    approval, _ = await crash_between(office)
    office.wait(60)
    assert await office.desk.expire_due() == []
    assert (await office.desk.get(approval.id)).state is ApprovalState.APPROVED


async def test_an_approval_is_used_once_and_again_by_the_same_action(office: Any) -> None:
    approval = await office.request()
    await office.desk.decide(approval.id, approve=True, by=office.bob)
    office.wait(1)
    redeemed = await office.desk.redeem(approval.id, action="t-1")
    assert (redeemed.state, redeemed.redeemed_at) == (ApprovalState.REDEEMED, office.now)
    assert redeemed.decided_by == office.bob
    office.wait(60)
    assert await office.desk.redeem(approval.id, action="t-1") == redeemed
    assert await office.desk.get(approval.id) == redeemed


async def test_a_used_approval_neither_expires_nor_is_withdrawn(office: Any) -> None:
    approval = await office.request()
    await office.desk.decide(approval.id, approve=True, by=office.bob)
    redeemed = await office.desk.redeem(approval.id, action="t-1")
    assert await office.desk.expire(approval.id) == redeemed
    assert await office.desk.withdraw(approval.id, "late") == redeemed


async def test_what_is_no_decision_decides_nothing(office: Any) -> None:
    approval = await office.request()
    await office.journal.append(ended("t", f"{approval.id}.decided"))
    with pytest.raises(NotPermitted, match="no decision"):
        await office.desk.decide(approval.id, approve=True, by=office.bob)
    assert await office.desk.get(approval.id) == approval


@pytest.mark.parametrize("used_before", [True, False])
async def test_another_action_may_not_use_it(office: Any, used_before: bool) -> None:
    approval = await office.request()
    await office.desk.decide(approval.id, approve=True, by=office.bob)
    if used_before:
        await office.desk.redeem(approval.id, action="t-1")
    before = await office.desk.get(approval.id)
    with pytest.raises(NotPermitted, match="another action"):
        await office.desk.redeem(approval.id, action="t-2")
    assert await office.desk.get(approval.id) == before


async def test_only_an_approved_one_may_be_used(office: Any) -> None:
    pending = await office.request(action="pending")
    rejected = await office.request(action="rejected")
    await office.desk.decide(rejected.id, approve=False, by=office.bob, reason="no")
    expired = await office.request(action="expired")
    await office.desk.expire(expired.id)
    withdrawn = await office.request(action="withdrawn")
    await office.desk.withdraw(withdrawn.id, "no")
    for approval in (pending, rejected, expired, withdrawn):
        with pytest.raises(NotPermitted, match=f"is {approval.action}"):
            await office.desk.redeem(approval.id, action=approval.action)
        assert (await office.desk.get(approval.id)).redeemed_at is None


async def test_it_must_be_used_in_time(office: Any) -> None:
    last, late = await office.request(action="t-1"), await office.request(action="t-2")
    for approval in (last, late):
        await office.desk.decide(approval.id, approve=True, by=office.bob)
    office.now = last.expires_at - timedelta(microseconds=1)
    assert (await office.desk.redeem(last.id, action="t-1")).state is ApprovalState.REDEEMED
    office.now = late.expires_at
    with pytest.raises(PermissionExpired, match=r"expired at 12:15:00 UTC"):
        await office.desk.redeem(late.id, action="t-2")


async def test_of_many_who_use_it_at_once_all_get_the_same_record(office: Any) -> None:
    approval = await office.request()
    await office.desk.decide(approval.id, approve=True, by=office.bob)
    used = await asyncio.gather(*(office.desk.redeem(approval.id, action="t-1") for _ in range(8)))
    assert used == [used[0]] * 8


async def test_who_loses_the_race_to_use_it_gets_the_winner_s_record(office: Any) -> None:
    class Slow(MemoryApprovalStore):
        """Another process redeems just before this one does."""

        async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
            if approval.redeemed_at:
                first = approval.model_copy(update={"redeemed_at": approval.redeemed_at - timedelta(seconds=1)})
                await super().put(first, expected=expected)
            return await super().put(approval, expected=expected)

    office.store = Slow()
    approval = await office.request()
    await office.desk.decide(approval.id, approve=True, by=office.bob)
    redeemed = await office.desk.redeem(approval.id, action="t-1")
    assert redeemed.redeemed_at == office.now - timedelta(seconds=1)
