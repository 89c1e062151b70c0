"""The journal in the database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Connection, Select, insert, select, text

from itops.domain.event import Event, Record
from itops.errors import JournalError, StoreError
from itops.journal.anchor import Anchor
from itops.journal.chain import START, Entry, link
from itops.storage.database import Database
from itops.storage.tables import events

FLUSHED: Final = frozenset(
    {
        "task.submitted",
        "approval.decided",
        "run.intended",
        "run.finished",
        "outcome.resolved",
        "instruction.changed",
        "task.ended",
    }
)
_LOCK: Final = 0x6974_6F71


def _now() -> datetime:
    return datetime.now(UTC)


class SqlJournal:
    """A ``Journal`` in SQLite or PostgreSQL, for any number of processes at once: they append one after the other.

    Events after which the world may change are on the disk when ``append`` returns (``FLUSHED``), and anchored.
    The others survive a killed process, and the next flush takes them along.
    """

    def __init__(
        self, database: Database, *, anchor: Anchor | None = None, clock: Callable[[], datetime] = _now
    ) -> None:
        self._database = database
        self._anchor = anchor
        self._clock = clock

    async def append(self, event: Event) -> Record:
        """Record one event, or give the record that stands under its key.

        Raises:
            JournalError: it is not recorded, or not anchored; so what it speaks of must not happen.
        """
        anchor = self._anchor
        flush = event.kind in FLUSHED or bool(anchor and anchor.due())
        if anchor and flush:
            anchor.key()
        try:
            entry = await self._database.run(lambda connection: self._append(connection, event), flush=flush)
        except StoreError as error:
            raise JournalError(
                f"The journal can't be written: {error.what}",
                world="Nothing was recorded, so nothing ran.",
                mend=error.mend,
            ) from error
        if anchor and flush:
            anchor.write(entry.seq, entry.hash)
        return entry.record

    async def read(
        self, *, task: str = "", kind: str = "", after: int = 0, limit: int = 10_000, newest: int = 0
    ) -> list[Record]:
        """Records in order, of one task or of all, of one kind or of all, with ``seq`` above ``after``.

        With ``newest`` only the last so many, still in order.

        Raises:
            JournalError: a record can't be read.
        """
        query = _above(after, task, kind)
        if newest:
            query = query.order_by(None).order_by(events.c.seq.desc()).limit(min(newest, limit))
            return [entry.record for entry in reversed(await _entries(self._database, query))]
        return [entry.record for entry in await _entries(self._database, query.limit(limit))]

    async def find(self, task: str, key: str) -> Record | None:
        """The record that this task has under this key, if it has one.

        Raises:
            JournalError: the record can't be read.
        """
        found = await _entries(self._database, _under(task, key))
        return found[0].record if found else None

    def _append(self, connection: Connection, event: Event) -> Entry:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        standing = connection.execute(_under(event.task, event.key)).first()
        if standing:
            return Entry.model_validate(standing._asdict())
        last = connection.execute(select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, START)
        entry = link(event, seq=seq, at=self._clock(), previous=previous)
        connection.execute(insert(events).values(**entry.model_dump()))
        return entry


async def read_entries(database: Database, *, task: str = "", after: int = 0, limit: int = 1000) -> list[Entry]:
    """Records exactly as they are stored, in order.

    Raises:
        JournalError: the database refuses, or a row holds what no itops wrote.
    """
    return await _entries(database, _above(after, task).limit(limit))


def _above(after: int, task: str = "", kind: str = "") -> Select[Any]:
    query = select(events).where(events.c.seq > after).order_by(events.c.seq)
    query = query.where(events.c.task == task) if task else query
    return query.where(events.c.kind == kind) if kind else query


def _under(task: str, key: str) -> Select[Any]:
    return select(events).where((events.c.task == task) & (events.c.key == key))


async def _entries(database: Database, query: Select[Any]) -> list[Entry]:
    try:
        rows = await database.read(lambda connection: connection.execute(query).all())
        return [Entry.model_validate(row._asdict()) for row in rows]
    except StoreError as error:
        raise JournalError(f"The journal can't be read: {error.what}", mend=error.mend) from error
    except ValidationError as error:
        raise JournalError("The journal holds a row that no itops wrote.", mend="Run `itops audit verify`.") from error
