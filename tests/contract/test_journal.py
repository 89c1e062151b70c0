"""Every journal keeps the same promises."""

from pathlib import Path

import pytest

from itops.journal.anchor import Anchor
from itops.journal.sql_journal import SqlJournal
from itops.journal.verify import verify
from itops.storage.database import Database
from itops.testing.journal_contract import JOURNAL_PROMISES, Promise
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
