"""Every approval store keeps the same promises."""

import pytest

from itops.storage.database import Database
from itops.storage.sql_approvals import SqlApprovals
from itops.testing.approval_store_contract import APPROVAL_STORE_PROMISES, Promise
from itops.testing.memory_approval_store import MemoryApprovalStore

every_promise = pytest.mark.parametrize("promise", APPROVAL_STORE_PROMISES, ids=lambda promise: promise.__name__)


@every_promise
async def test_in_memory(promise: Promise) -> None:
    await promise(MemoryApprovalStore())


@every_promise
async def test_in_a_database(promise: Promise, database: Database) -> None:
    await promise(SqlApprovals(database))
