"""Opens the database and runs short transactions off the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from itops.errors import StoreError

T = TypeVar("T")


def open_engine(url: str) -> Engine:
    """An engine on the URL; SQLite gets WAL, so that readers never wait for the writer.

    With WAL, ``synchronous=NORMAL`` survives a killed process; ``flush`` in ``Database.run`` also survives a power cut.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection, _record) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - DBAPI objects
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


class Database:
    """Short transactions on one engine, safe from any event loop or thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def run(self, work: Callable[[Connection], T], *, flush: bool = False) -> T:
        """``work`` in one transaction, in a thread. With ``flush`` it is on disk when this returns.

        Raises:
            StoreError: the database refuses; the transaction is undone.
        """
        return await asyncio.to_thread(self.run_here, work, flush=flush)

    def run_here(self, work: Callable[[Connection], T], *, flush: bool = False) -> T:
        """The same, in this thread."""
        sqlite = self.engine.dialect.name == "sqlite"
        try:
            with self.engine.connect() as connection:
                if sqlite:
                    level = "FULL" if flush else "NORMAL"
                    connection.exec_driver_sql(f"PRAGMA synchronous={level}")
                    connection.rollback()
                with connection.begin():
                    return work(connection)
        except (SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(
                f"The database refuses: {cause}.",
                mend="Check that its disk is not full and that its file can be written; `itops doctor` names it.",
            ) from error
