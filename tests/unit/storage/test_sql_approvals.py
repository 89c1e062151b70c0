"""Refusals; its promises are kept in tests/contract/test_approval_store.py."""

from pathlib import Path

import pytest

from itops.domain.approval import ApprovalState
from itops.errors import StoreError
from itops.storage.database import Database, open_engine
from itops.storage.sql_approvals import SqlApprovals
from itops.storage.upgrade import upgrade
from itops.testing.approval_store_contract import asked, moved


async def test_approvals_outlive_the_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/itops.db"
    upgrade(open_engine(url))
    store = SqlApprovals(Database(open_engine(url)))
    await store.put(asked(1), expected=None)
    approved = moved(asked(1), ApprovalState.APPROVED)
    await store.put(approved, expected=ApprovalState.PENDING)
    assert await SqlApprovals(Database(open_engine(url))).get(approved.id) == approved


async def test_a_store_that_is_not_there_refuses(tmp_path: Path) -> None:
    store = SqlApprovals(Database(open_engine(f"sqlite:///{tmp_path}/itops.db")))
    for call in (store.put(asked(1), expected=None), store.get("x"), store.find()):
        with pytest.raises(StoreError, match="no such table"):
            await call
