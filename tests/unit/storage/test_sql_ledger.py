"""The ledger outlives its process; its promises are checked in tests/contract/test_ledger.py."""

from pathlib import Path

import pytest

from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage
from itops.errors import StoreError
from itops.storage.database import Database, open_engine
from itops.storage.sql_ledger import SqlLedger
from itops.storage.upgrade import upgrade

SPENT = Spending(
    usage=Usage(llm_calls=1, input_tokens=2, output_tokens=3, cached_calls=4, unpriced_calls=5, cost_usd=0.1),
    seconds=1.5,
)


async def test_every_number_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/itops.db"
    upgrade(open_engine(url))
    await SqlLedger(Database(open_engine(url))).charge(("a",), SPENT)
    assert await SqlLedger(Database(open_engine(url))).spent("a") == SPENT


async def test_without_its_table_it_says_so_and_nobody_spends(tmp_path: Path) -> None:
    ledger = SqlLedger(Database(open_engine(f"sqlite:///{tmp_path}/itops.db")))
    with pytest.raises(StoreError, match="model_spending"):
        await ledger.reserve({"a": Budget()}, SPENT)
