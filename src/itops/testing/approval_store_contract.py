"""What every ``ApprovalStore`` promises, as a check to run against one.

``for promise in APPROVAL_STORE_PROMISES: await promise(store)``, each with an empty store.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from itops.approval.approval_store import ApprovalStore
from itops.domain.approval import Approval, ApprovalState
from itops.domain.identity import Person
from itops.testing.journal_contract import HOSTILE, expect

Promise: TypeAlias = Callable[[ApprovalStore], Awaitable[None]]
_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_RACE: Final = 8


def asked(number: int, *, task: str = "t", action: str = "t-1") -> Approval:
    """A pending approval; a higher number was asked for later."""
    at = _NOON + timedelta(seconds=number, microseconds=1)
    return Approval(
        id=f"{action}.{number}",
        task=task,
        action=action,
        digest="d",
        policy_version="p",
        requester=Person(id="ann", name=HOSTILE, roles=("operator",)),
        requested_at=at,
        expires_at=at + timedelta(minutes=15),
    )


def moved(approval: Approval, state: ApprovalState, reason: str = "") -> Approval:
    """The same in another state."""
    return approval.model_copy(update={"state": state, "decided_by": Person(id="bob"), "reason": reason})


async def keeps_what_was_put(store: ApprovalStore) -> None:
    """An approval comes back as it was."""
    approval = asked(1)
    expect(await store.get(approval.id) is None, "nothing stands under a new id")
    expect(await store.put(approval, expected=None), "a new id is taken")
    expect(await store.get(approval.id) == approval, "it comes back as it was put")


async def never_takes_an_id_twice(store: ApprovalStore) -> None:
    """A second approval under the same id changes nothing."""
    approval = asked(1)
    await store.put(approval, expected=None)
    expect(not await store.put(moved(approval, ApprovalState.APPROVED), expected=None), "an id is taken once")
    expect(await store.get(approval.id) == approval, "the first one stands")


async def moves_only_from_the_expected_state(store: ApprovalStore) -> None:
    """A change takes hold only where the state is the one it was made from."""
    approval = asked(1)
    rejected, approved = moved(approval, ApprovalState.REJECTED), moved(approval, ApprovalState.APPROVED)
    expect(not await store.put(approved, expected=ApprovalState.PENDING), "what was never asked is not decided")
    await store.put(approval, expected=None)
    expect(await store.put(rejected, expected=ApprovalState.PENDING), "pending becomes rejected")
    expect(not await store.put(approved, expected=ApprovalState.PENDING), "rejected is not pending any more")
    expect(await store.get(approval.id) == rejected, "the first change stands")


async def lets_one_win_a_race(store: ApprovalStore) -> None:
    """Many changes at the same moment: one takes hold."""
    approval = asked(1)
    taken = await asyncio.gather(*(store.put(approval, expected=None) for _ in range(_RACE)))
    expect(sum(taken) == 1, "one of many takes the id")
    choices = [moved(approval, ApprovalState.APPROVED, str(number)) for number in range(_RACE)]
    won = await asyncio.gather(*(store.put(choice, expected=ApprovalState.PENDING) for choice in choices))
    expect(sum(won) == 1, "one of many decides")
    expect(await store.get(approval.id) == choices[won.index(True)], "what stands is the winner's")


async def finds_by_every_filter(store: ApprovalStore) -> None:
    """Filters narrow, alone and together; the oldest comes first."""
    second, first = asked(2), asked(1)
    elsewhere = asked(3, task="u", action="u-1")
    for approval in (second, first, elsewhere):
        await store.put(approval, expected=None)
    done = moved(first, ApprovalState.REJECTED)
    await store.put(done, expected=ApprovalState.PENDING)
    expect(await store.find() == [done, second, elsewhere], "no filter gives all, oldest first")
    expect(await store.find(task="t") == [done, second], "task filters")
    expect(await store.find(action="u-1") == [elsewhere], "action filters")
    expect(await store.find(state=ApprovalState.PENDING) == [second, elsewhere], "state filters, by the latest state")
    expect(await store.find(task="t", state=ApprovalState.PENDING) == [second], "filters hold together")
    expect(await store.find(task="nobody") == [], "an unknown task has none")


APPROVAL_STORE_PROMISES: Final[tuple[Promise, ...]] = (
    keeps_what_was_put,
    never_takes_an_id_twice,
    moves_only_from_the_expected_state,
    lets_one_win_a_race,
    finds_by_every_filter,
)
