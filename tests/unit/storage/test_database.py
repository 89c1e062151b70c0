"""Transactions: whole or not at all, one writer at a time, and errors that say what is true."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from itops.errors import StoreError
from itops.storage.database import Database, open_engine


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(open_engine(f"sqlite:///{tmp_path}/itops.db"))
    database.run_here(lambda connection: connection.execute(text("CREATE TABLE counter (n INTEGER)")))
    database.run_here(lambda connection: connection.execute(text("INSERT INTO counter VALUES (0)")))
    yield database
    database.engine.dispose()


def count(connection: Connection) -> int:
    return connection.execute(text("SELECT n FROM counter")).scalar_one()


def add_one(connection: Connection) -> None:
    """Reads first and writes what it read: wrong as soon as two do it at the same time."""
    connection.execute(text("UPDATE counter SET n = :n"), {"n": count(connection) + 1})


@pytest.mark.parametrize("flush", [False, True])
async def test_work_is_there_for_others_when_it_returns(database: Database, flush: bool) -> None:
    await database.run(add_one, flush=flush)
    assert await Database(open_engine(str(database.engine.url))).read(count) == 1


async def test_one_writer_at_a_time(database: Database) -> None:
    await asyncio.gather(*(database.run(add_one, flush=number % 5 == 0) for number in range(60)))
    assert await database.read(count) == 60


def test_work_that_fails_is_undone(database: Database) -> None:
    def fail(connection: Connection) -> None:
        add_one(connection)
        raise LookupError

    with pytest.raises(LookupError):
        database.run_here(fail)
    assert database.read_here(count) == 0


def test_a_reader_does_not_wait_for_the_writer(database: Database) -> None:
    writing, done = threading.Event(), threading.Event()

    def write(connection: Connection) -> None:
        add_one(connection)
        writing.set()
        done.wait(30)

    writer = threading.Thread(target=database.run_here, args=(write,))
    writer.start()
    assert writing.wait(30)
    assert database.read_here(count) == 0
    done.set()
    writer.join()
    assert database.read_here(count) == 1


def test_flush_is_full_synchronisation_for_this_transaction_alone(database: Database) -> None:
    def level(connection: Connection) -> int:
        return connection.execute(text("PRAGMA synchronous")).scalar_one()

    assert [database.run_here(level, flush=flush) for flush in (False, True, False)] == [1, 2, 1]


def test_sqlite_keeps_a_write_ahead_log(database: Database) -> None:
    assert database.read_here(lambda connection: connection.execute(text("PRAGMA journal_mode")).scalar()) == "wal"


@pytest.mark.parametrize("use", ["run_here", "read_here"])
def test_foreign_errors_are_translated(database: Database, use: str) -> None:
    with pytest.raises(StoreError, match="no such table") as caught:
        getattr(database, use)(lambda connection: connection.execute(text("SELECT * FROM stray")))
    assert "itops doctor" in caught.value.mend


def test_a_corrupt_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    rubbish = b"not a database" * 1000
    (tmp_path / "x.db").write_bytes(rubbish)
    database = Database(open_engine(f"sqlite:///{tmp_path}/x.db"))
    for use in (database.run_here, database.read_here):
        with pytest.raises(StoreError, match="file is not a database"):
            use(count)
    assert (tmp_path / "x.db").read_bytes() == rubbish


def test_a_corrupt_page_is_refused(database: Database, tmp_path: Path) -> None:
    database.engine.dispose()
    content = (tmp_path / "itops.db").read_bytes()
    (tmp_path / "itops.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(StoreError, match="malformed"):
        database.run_here(add_one)


def test_a_read_only_file_is_refused(database: Database, tmp_path: Path) -> None:
    database.engine.dispose()
    read_only = Database(open_engine(f"sqlite:///file:{tmp_path}/itops.db?mode=ro&uri=true"))
    with pytest.raises(StoreError, match="readonly"):
        read_only.run_here(add_one)
    assert read_only.read_here(count) == 0


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Database(open_engine(f"sqlite:///{tmp_path}/missing/x.db")).run_here(count)


@pytest.mark.parametrize("url", ["", "nonsense", "foo://x", "sqlite:////x?uri=hunter2", "postgresql://u:p@h:hunter2/d"])
def test_a_url_that_makes_no_sense_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(StoreError, match="makes no sense") as caught:
        open_engine(url)
    assert "hunter2" not in str(caught.value)


def test_a_missing_driver_is_named() -> None:
    with pytest.raises(StoreError, match="cx_Oracle"):
        open_engine("oracle+cx_oracle://x")


def test_a_server_that_is_not_there_is_refused() -> None:
    with pytest.raises(StoreError, match="refused"):
        Database(open_engine("postgresql+psycopg://itops@127.0.0.1:1/itops")).run_here(count)
