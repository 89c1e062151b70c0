"""Every ledger counts what every process spends, and lets nobody over a budget."""

import asyncio
import subprocess
import sys

import pytest
from sqlalchemy import Engine

from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage
from itops.llm.budget import Ledger
from itops.storage.database import Database
from itops.storage.sql_ledger import SqlLedger
from itops.storage.upgrade import upgrade
from itops.testing.memory_ledger import MemoryLedger

CALL = Spending(usage=Usage(llm_calls=1, input_tokens=10, output_tokens=1, cost_usd=0.25), seconds=0.5)


@pytest.fixture(params=["memory", "sql"])
def ledger(request: pytest.FixtureRequest, engine: Engine) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    upgrade(engine)
    return SqlLedger(Database(engine))


async def test_a_new_account_is_empty(ledger: Ledger) -> None:
    assert await ledger.spent("a") == Spending()


async def test_what_is_charged_adds_up(ledger: Ledger) -> None:
    await ledger.charge(("a", "b"), CALL)
    await ledger.charge(("a",), CALL)
    assert await ledger.spent("a") == CALL + CALL
    assert await ledger.spent("b") == CALL


async def test_a_reservation_is_charged_to_all_or_to_none(ledger: Ledger) -> None:
    budgets = {"a": Budget(calls=5), "b": Budget(calls=1)}
    assert await ledger.reserve(budgets, CALL) is None
    refused = await ledger.reserve(budgets, CALL)
    assert refused == ("b", "1 calls were made, and no more may be")
    assert await ledger.spent("a") == await ledger.spent("b") == CALL


async def test_what_was_not_used_is_given_back(ledger: Ledger) -> None:
    await ledger.reserve({"a": Budget()}, CALL)
    await ledger.charge(("a",), Spending(usage=Usage(llm_calls=-1, input_tokens=-10, output_tokens=-1, cost_usd=-0.25)))
    assert await ledger.spent("a") == Spending(seconds=0.5)


async def test_at_once_no_more_is_reserved_than_there_is(ledger: Ledger) -> None:
    budgets = {"a": Budget(calls=5), "b": Budget(tokens=10_000)}
    refused = await asyncio.gather(*(ledger.reserve(budgets, CALL) for _ in range(12)))
    assert [one is None for one in refused].count(True) == 5
    assert (await ledger.spent("a")).usage.llm_calls == 5


PROGRAM = """
import asyncio, sys
from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage
from itops.storage.database import Database, open_engine
from itops.storage.sql_ledger import SqlLedger

async def spend():
    ledger = SqlLedger(Database(open_engine(sys.argv[1])))
    call = Spending(usage=Usage(llm_calls=1))
    return sum([await ledger.reserve({"a": Budget(calls=30), "b": Budget()}, call) is None for _ in range(20)])

print(asyncio.run(spend()))
"""


async def test_several_processes_share_one_budget(url: str, engine: Engine) -> None:
    upgrade(engine)
    programs = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, url], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    made = [int(program.communicate()[0]) for program in programs]
    assert sum(made) == 30
    assert (await SqlLedger(Database(engine)).spent("b")).usage.llm_calls == 30
