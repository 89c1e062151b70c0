"""The journal in the database."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Connection, Select, insert, select, text

from itops.domain.event import Along, Event, Record
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
_KEYS: Final = 400


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
        return (await self.append_all([event]))[0]

    async def append_all(self, events: Sequence[Event], *, along: Along | None = None) -> list[Record]:
        """Record many events in one transaction, with one flush and one anchor; ``along`` comes first in it.

        Raises:
            JournalError: none is recorded, or not anchored; so what they speak of must not happen. What is done along
                with them is undone where they are not recorded, and stands where they are only not anchored.
        """
        anchor = self._anchor
        flush = any(event.kind in FLUSHED for event in events) or bool(anchor and anchor.due())
        if anchor and flush:
            anchor.key()
        try:
            entries = await self._database.run(lambda one: self._append(one, events, along), flush=flush)
        except StoreError as error:
            raise JournalError(
                f"The journal can't be written: {error.what}",
                world="Nothing was recorded, so nothing ran.",
                mend=error.mend,
            ) from error
        if anchor and flush and entries:
            _write_anchor(anchor, entries, is_done=along is not None)
        return [entry.record for entry in entries]

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

    def _append(self, connection: Connection, new: Sequence[Event], along: Along | None) -> list[Entry]:
        if along:
            along(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        standing = _standing(connection, new)
        last = connection.execute(select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)).first()
        seq, previous = (last.seq, last.hash) if last else (0, START)
        linked: list[Entry] = []
        for event in new:
            key = (event.task, event.key)
            if key not in standing:
                seq += 1
                standing[key] = link(event, seq=seq, at=self._clock(), previous=previous)
                previous = standing[key].hash
                linked.append(standing[key])
        if linked:
            connection.execute(insert(events), [entry.model_dump() for entry in linked])
        return [standing[event.task, event.key] for event in new]


def _write_anchor(anchor: Anchor, entries: Sequence[Entry], *, is_done: bool) -> None:
    last = max(entries, key=lambda entry: entry.seq)
    try:
        anchor.write(last.seq, last.hash)
    except JournalError as error:
        if not is_done:
            raise
        world = "The change is made and recorded, but not anchored; the next anchor covers it."
        raise JournalError(error.what, world=world, mend=error.mend) from error


def _standing(connection: Connection, new: Sequence[Event]) -> dict[tuple[str, str], Entry]:
    """The records that stand under the keys of these events."""
    found: dict[tuple[str, str], Entry] = {}
    for task in {event.task for event in new}:
        keys = [event.key for event in new if event.task == task]
        for start in range(0, len(keys), _KEYS):
            of_keys = (events.c.task == task) & events.c.key.in_(keys[start : start + _KEYS])
            rows = connection.execute(select(events).where(of_keys))
            found.update({(row.task, row.key): Entry.model_validate(row._asdict()) for row in rows})
    return found


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
