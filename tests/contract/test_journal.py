"""Every journal keeps the same promises."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from itops.domain.event import Journal
from itops.errors import JournalError, UsageError
from itops.instructions.change_log import put_state, state_value
from itops.journal.anchor import Anchor
from itops.journal.sql_journal import SqlJournal
from itops.journal.verify import verify
from itops.storage.database import Database
from itops.testing.journal_contract import JOURNAL_PROMISES, Promise, ended
from itops.testing.memory_journal import MemoryJournal

every_promise = pytest.mark.parametrize("promise", JOURNAL_PROMISES, ids=lambda promise: promise.__name__)


@every_promise
async def test_in_memory(promise: Promise) -> None:
    await promise(MemoryJournal())


@every_promise
async def test_in_a_database(promise: Promise, database: Database, tmp_path: Path) -> None:
    anchor = Anchor(tmp_path / "anchors", tmp_path / "key")
    await promise(SqlJournal(database, anchor=anchor))
    assert (await verify(database, anchor=anchor)).ok


@every_promise
async def test_without_anchors(promise: Promise, database: Database) -> None:
    await promise(SqlJournal(database))
    assert (await verify(database)).ok


def in_memory(database: Database) -> Journal:
    return MemoryJournal(transaction=database.run)


@pytest.mark.parametrize("make", [SqlJournal, in_memory])
async def test_a_change_and_its_events_are_made_together_or_not_at_all(
    make: Callable[[Database], Journal], database: Database
) -> None:
    journal = make(database)

    async def value() -> str:
        return await database.read(lambda one: state_value(one, "change"))

    def refused(connection: Connection) -> None:
        put_state(connection, "change", "refused")
        raise UsageError("Somebody else has changed it.")

    await journal.append_all([ended("a", "one"), ended("a", "two")], along=lambda one: put_state(one, "change", "made"))
    assert (await value(), [record.event.key for record in await journal.read()]) == ("made", ["one", "two"])
    with pytest.raises(UsageError):
        await journal.append_all([ended("a", "three")], along=refused)
    with pytest.raises(JournalError):
        await journal.append_all(
            [ended("a", "three", "half a pair: \ud800")], along=lambda one: put_state(one, "change", "not told")
        )
    assert (await value(), len(await journal.read())) == ("made", 2)


async def test_a_change_that_is_only_not_anchored_says_that_it_stands(database: Database, tmp_path: Path) -> None:
    journal = SqlJournal(database, anchor=Anchor(tmp_path / "anchors", tmp_path / "key"))
    await journal.append_all([ended("a", "one")])
    (tmp_path / "anchors").unlink()
    (tmp_path / "anchors").mkdir()
    with pytest.raises(JournalError) as refused:
        await journal.append_all([ended("a", "two")], along=lambda one: put_state(one, "change", "made"))
    assert refused.value.world.startswith("The change is made and recorded")
    assert await database.read(lambda one: state_value(one, "change")) == "made"


async def test_without_a_transaction_nothing_is_made_along() -> None:
    with pytest.raises(JournalError, match="no transaction"):
        await MemoryJournal().append_all([ended("a", "one")], along=print)
