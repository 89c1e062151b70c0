"""The contract catches journals that break it, each in one way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from itops.domain.event import Event, Record
from itops.journal.chain import START
from itops.testing import journal_contract as contract
from itops.testing.memory_journal import MemoryJournal


class Repeats(MemoryJournal):
    """Records the same key twice."""

    async def append(self, event: Event) -> Record:
        self._keys.clear()
        return await super().append(event)


class Unchained(MemoryJournal):
    async def append(self, event: Event) -> Record:
        return (await super().append(event)).model_copy(update={"previous": START})


class Forgets(MemoryJournal):
    async def read(self, **wanted: Any) -> list[Record]:
        return (await super().read(**wanted))[1:]


class Unfiltered(MemoryJournal):
    async def read(self, *, task: str = "", **wanted: Any) -> list[Record]:
        return await super().read(**wanted)


class Backwards(MemoryJournal):
    """Gives the newest in the wrong order."""

    async def read(self, *, newest: int = 0, **wanted: Any) -> list[Record]:
        found = await super().read(newest=newest, **wanted)
        return found[::-1] if newest else found


class Unzoned(MemoryJournal):
    async def append(self, event: Event) -> Record:
        record = await super().append(event)
        self._records[-1] = record.model_copy(update={"at": record.at.replace(tzinfo=None) + timedelta()})
        return self._records[-1]


class Halves(MemoryJournal):
    """Records many one by one, and stops in the middle."""

    async def append_all(self, events: Sequence[Event]) -> list[Record]:
        return [record for event in events for record in await super(Halves, self).append_all([event])]


class Blind(MemoryJournal):
    async def find(self, task: str, key: str) -> Record | None:
        return None


class Cleans(MemoryJournal):
    """Drops what it finds unseemly."""

    async def append(self, event: Event) -> Record:
        words = event.submitted.words.replace("\x00", "")
        task = event.submitted.model_copy(update={"words": words})
        return await super().append(event.model_copy(update={"submitted": task}))


class Swallows(MemoryJournal):
    async def append(self, event: Event) -> Record:
        return await super().append(contract.submitted("a", "replaced"))


@pytest.mark.parametrize(
    ("journal", "promise"),
    [
        (Repeats, contract.records_a_key_once),
        (Repeats, contract.records_a_key_once_in_a_race),
        (Unchained, contract.chains_records),
        (Forgets, contract.keeps_events_in_order),
        (Unzoned, contract.keeps_events_in_order),
        (Backwards, contract.reads_parts),
        (Unfiltered, contract.reads_parts),
        (Halves, contract.records_many_or_none),
        (Blind, contract.finds_by_key),
        (Cleans, contract.keeps_hostile_text),
        (Swallows, contract.refuses_broken_text),
    ],
)
async def test_a_broken_promise_is_named(journal: type[MemoryJournal], promise: contract.Promise) -> None:
    with pytest.raises(AssertionError, match=r"\w+ \w+"):
        await promise(journal())


def test_the_list_of_promises_is_complete() -> None:
    promises = {value for name, value in vars(contract).items() if _is_promise(name, value)}
    assert promises == set(contract.JOURNAL_PROMISES)


def _is_promise(name: str, value: object) -> bool:
    return getattr(value, "__module__", "") == contract.__name__ and name not in {"expect", "submitted", "ended"}
