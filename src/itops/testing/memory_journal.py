"""A journal that lives as long as its object."""

import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from itops.domain.event import Along, Event, Record
from itops.errors import JournalError
from itops.journal.chain import START, link


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryJournal:
    """A ``Journal`` in memory: the same promises, but for surviving the process.

    Set ``failure`` and every append raises it, as a full disk would. ``transaction`` is where changes are made along
    with events, such as ``Database.run``.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = _now,
        transaction: Callable[[Callable[[Any], list[Record]]], Awaitable[list[Record]]] | None = None,
    ) -> None:
        self.failure: Exception | None = None
        self._transaction = transaction
        self._clock = clock
        self._records: list[Record] = []
        self._keys: dict[tuple[str, str], Record] = {}
        self._lock = threading.Lock()

    @property
    def events(self) -> list[Event]:
        """Every event so far, in order."""
        return [record.event for record in self._records]

    async def append(self, event: Event) -> Record:
        """Record one event, or give the record that stands under its key."""
        return (await self.append_all([event]))[0]

    async def append_all(self, events: Sequence[Event], *, along: Along | None = None) -> list[Record]:
        """Record many events, in their order, and what is done along with them."""
        if self.failure:
            raise self.failure
        if along is None:
            return self._append_all(events)
        if self._transaction is None:
            raise JournalError("This journal has no transaction in which to make a change.")
        done = along

        def both(connection: Any) -> list[Record]:  # noqa: ANN401 - whatever the transaction gives
            done(connection)
            return self._append_all(events)

        return await self._transaction(both)

    def _append_all(self, events: Sequence[Event]) -> list[Record]:
        with self._lock:
            before = len(self._records)
            try:
                return [self._append(event) for event in events]
            except JournalError:
                for record in self._records[before:]:
                    del self._keys[record.event.task, record.event.key]
                del self._records[before:]
                raise

    async def read(
        self, *, task: str = "", kind: str = "", after: int = 0, limit: int = 10_000, newest: int = 0
    ) -> list[Record]:
        """Records in order, of one task or of all, of one kind or of all, with ``seq`` above ``after``.

        With ``newest`` only the last so many, still in order.
        """
        with self._lock:
            records = self._records[max(after, 0) :]
        fitting = [record for record in records if task in ("", record.event.task) and kind in ("", record.event.kind)]
        return fitting[-min(newest, limit) :] if newest else fitting[:limit]

    async def find(self, task: str, key: str) -> Record | None:
        """The record that this task has under this key, if it has one."""
        return self._keys.get((task, key))

    def _append(self, event: Event) -> Record:
        standing = self._keys.get((event.task, event.key))
        if standing:
            return standing
        previous = self._records[-1].hash if self._records else START
        record = link(event, seq=len(self._records) + 1, at=self._clock(), previous=previous).record
        self._records.append(record)
        self._keys[event.task, event.key] = record
        return record
