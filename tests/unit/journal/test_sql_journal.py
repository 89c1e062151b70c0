"""What a journal in a database adds to the contract: flushing, anchoring, and refusing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from itops.domain.event import CancelRequested
from itops.domain.identity import Person
from itops.errors import JournalError
from itops.journal.anchor import Anchor
from itops.journal.sql_journal import FLUSHED, SqlJournal
from itops.storage.database import Database, open_engine
from itops.storage.upgrade import upgrade
from itops.testing.journal_contract import ended, submitted


def light(key: str) -> CancelRequested:
    """An event that is not flushed."""
    return CancelRequested(task="t", key=key, by=Person(id="ann"))


def test_what_the_world_may_change_after_is_flushed() -> None:
    assert {"task.submitted", "approval.decided", "run.intended", "run.finished"} <= FLUSHED
    assert {"outcome.resolved", "instruction.changed"} <= FLUSHED
    assert light("1").kind not in FLUSHED


async def test_a_flushed_event_is_written_with_full_synchronisation(books: Any) -> None:
    levels: list[int] = []

    def note(connection: Any, *_: object) -> None:
        levels.append(connection.connection.cursor().execute("PRAGMA synchronous").fetchone()[0])

    event.listen(books.database.engine, "commit", note)
    await books.journal.append(submitted("t"))
    await books.journal.append(light("1"))
    full, normal = 2, 1
    # Reading an event back ends a transaction too, so only the changes of level count.
    assert [level for place, level in enumerate(levels) if levels[place - 1 : place] != [level]] == [full, normal]


async def test_flushed_records_are_anchored_and_others_when_due(books: Any) -> None:
    journal = SqlJournal(books.database, anchor=Anchor(books.folder / "anchors", books.folder / "key", every=3))
    await journal.append(submitted("t"))
    for key in "1234":
        await journal.append(light(key))
    assert [anchored.count for anchored in books.anchor.read()] == [1, 4]
    assert (await books.verify()).ok


async def test_a_record_whose_writer_was_killed_before_anchoring_it_is_anchored_when_repeated(books: Any) -> None:
    await SqlJournal(books.database).append(submitted("t"))
    assert books.anchor.read() == []
    await books.journal.append(submitted("t"))
    assert [anchored.count for anchored in books.anchor.read()] == [1]


async def test_a_journal_outlives_its_process(books: Any) -> None:
    record = await books.journal.append(submitted("t"))
    assert await SqlJournal(Database(open_engine(str(books.database.engine.url)))).read() == [record]


async def refused(journal: SqlJournal) -> JournalError:
    with pytest.raises(JournalError) as caught:
        await journal.append(submitted("t2"))
    return caught.value


async def test_a_full_disk_is_an_error_of_the_journal(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/itops.db")
    upgrade(engine)
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1"))
    journal = SqlJournal(Database(engine))
    error = await fill_up(journal)
    assert "full" in error.what
    assert error.world == "Nothing was recorded, so nothing ran."
    count = len(await journal.read())
    assert [record.seq for record in await journal.read()] == list(range(1, count + 1))


async def fill_up(journal: SqlJournal) -> JournalError:
    for number in range(1000):
        try:
            await journal.append(ended("t", str(number), "x" * 2000))
        except JournalError as error:
            return error
    raise AssertionError("the disk is never full")


async def test_a_missing_table_is_an_error_of_the_journal(books: Any) -> None:
    await books.journal.append(submitted("t"))
    books.tamper("DROP TABLE events")
    assert "no such table" in (await refused(books.journal)).what
    with pytest.raises(JournalError, match="can't be read"):
        await books.journal.read()


async def test_a_file_that_is_no_database_is_an_error_of_the_journal(tmp_path: Path) -> None:
    (tmp_path / "itops.db").write_bytes(b"not a database" * 1000)
    assert "not a database" in (await refused(SqlJournal(Database(open_engine(f"sqlite:///{tmp_path}/itops.db"))))).what


async def test_without_a_key_nothing_is_recorded(books: Any) -> None:
    (books.folder / "key").mkdir()
    assert "key" in (await refused(books.journal)).what
    assert await books.journal.read() == []


async def test_anchors_that_can_t_be_written_stop_what_was_to_come(books: Any) -> None:
    (books.folder / "key").write_text("ab" * 32)
    (books.folder / "anchors").symlink_to("/dev/full")
    error = await refused(books.journal)
    assert "anchors" in error.what
    assert "recorded but not anchored" in error.world


async def test_a_row_that_no_itops_wrote_is_named(books: Any) -> None:
    await books.fill(1)
    books.change(1, body="{}")
    with pytest.raises(JournalError, match="Record 1 of the journal can't be read"):
        await books.journal.read()
    books.database.run_here(lambda connection: connection.execute(text("UPDATE events SET body = x'00' WHERE seq = 1")))
    with pytest.raises(JournalError, match="no itops wrote"):
        await books.journal.read()
