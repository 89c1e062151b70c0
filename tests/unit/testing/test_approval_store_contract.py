"""The contract catches stores that break it, each in one way."""

from typing import Any

import pytest

from itops.domain.approval import Approval, ApprovalState
from itops.testing import approval_store_contract as contract
from itops.testing.memory_approval_store import MemoryApprovalStore


class Overwrites(MemoryApprovalStore):
    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        self._approvals[approval.id] = approval
        return True


class Refuses(MemoryApprovalStore):
    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        await super().put(approval, expected=expected)
        return False


class Unfiltered(MemoryApprovalStore):
    async def find(self, **wanted: Any) -> list[Approval]:
        return await super().find()


@pytest.mark.parametrize(
    ("store", "promise"),
    [
        (Refuses, contract.keeps_what_was_put),
        (Overwrites, contract.never_takes_an_id_twice),
        (Overwrites, contract.moves_only_from_the_expected_state),
        (Overwrites, contract.lets_one_win_a_race),
        (Unfiltered, contract.finds_by_every_filter),
    ],
)
async def test_a_broken_promise_is_named(store: type[MemoryApprovalStore], promise: contract.Promise) -> None:
    with pytest.raises(AssertionError, match=r"\w+ \w+"):
        await promise(store())
