"""Opens the database and runs short transactions off the event loop."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from itops.errors import StoreError

T = TypeVar("T")

_PRAGMAS: Final = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
_CORRECT_URL: Final = "Correct ITOPS_DATABASE_URL, for example postgresql+psycopg://user@host/name."


def open_engine(url: str) -> Engine:
    """An engine on the URL; SQLite gets WAL, so that readers never wait for the writer.

    With WAL, ``synchronous=NORMAL`` survives a killed process; ``flush`` in ``Database.run`` also survives a power cut.

    Raises:
        StoreError: the URL makes no sense, or its driver is not installed.
    """
    try:
        engine = create_engine(url)
    except ImportError as error:
        raise StoreError(f"The database's driver is missing: {error}.", mend=_CORRECT_URL) from error
    except (SQLAlchemyError, ValueError):
        # The parser's own words may quote a part of the password.
        raise StoreError("The database's address makes no sense.", mend=_CORRECT_URL) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Python's driver begins only before the first write; a transaction that reads first must hold the lock by then."""
    reads_only = connection.get_execution_options().get("itops_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


class Database:
    """Short transactions on one engine, safe from any event loop or thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def run(self, work: Callable[[Connection], T], *, flush: bool = False) -> T:
        """``work`` in one transaction, in a thread; on SQLite it is the only writer from its start to its end.

        With ``flush`` it is on disk when this returns.

        Raises:
            StoreError: the database refuses; the transaction is undone.
        """
        return await asyncio.to_thread(self.run_here, work, flush=flush)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """``work`` in one transaction that only reads, in a thread; it never waits for a writer.

        Raises:
            StoreError: the database refuses.
        """
        return await asyncio.to_thread(self.read_here, work)

    def run_here(self, work: Callable[[Connection], T], *, flush: bool = False) -> T:
        """The same as ``run``, in this thread."""
        try:
            with self.engine.connect() as connection:
                if self.engine.dialect.name == "sqlite":
                    _set_flush(connection, flush=flush)
                with connection.begin():
                    return work(connection)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise _refusal(error) from error

    def read_here(self, work: Callable[[Connection], T]) -> T:
        """The same as ``read``, in this thread."""
        try:
            with self.engine.connect().execution_options(itops_reads_only=True) as connection, connection.begin():
                return work(connection)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise _refusal(error) from error


def _set_flush(connection: Connection, *, flush: bool) -> None:
    """SQLite takes this between transactions only, so it goes past SQLAlchemy, which would begin one."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA synchronous={'FULL' if flush else 'NORMAL'}")
    cursor.close()


def _refusal(error: Exception) -> StoreError:
    cause = getattr(error, "orig", None) or error
    return StoreError(
        f"The database refuses: {str(cause).strip()}.",
        mend="Check that its disk is not full and that its file can be written; `itops doctor` names it.",
    )
