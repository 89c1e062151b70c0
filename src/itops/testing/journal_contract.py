"""What every ``Journal`` promises, as a check to run against one.

``for promise in JOURNAL_PROMISES: await promise(journal)``, each with an empty journal.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from itops.domain.event import Journal, TaskEnded, TaskEvent, TaskSubmitted
from itops.domain.identity import Person
from itops.domain.task import Task, TaskState

Promise: TypeAlias = Callable[[Journal], Awaitable[None]]
HOSTILE: Final = "Ümlaut 漢字 \U0001f4a5 \x00 \x1b[31m '; DROP TABLE events; -- \\ \" \r\n\t \u202e"
_RACE: Final = 20


def expect(truth: bool, promise: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Fail with the promise that was not kept."""
    if not truth:
        raise AssertionError(promise)


def submitted(task: str, words: str = "look") -> TaskSubmitted:
    """An event to append."""
    request = Task(id=task, words=words, requester=Person(id="ann"), submitted_at=datetime(2026, 1, 1, tzinfo=UTC))
    return TaskSubmitted(task=task, key="submitted", submitted=request)


def ended(task: str, key: str, because: str = "") -> TaskEnded:
    """Another."""
    return TaskEnded(task=task, key=key, state=TaskState.SUCCEEDED, because=because)


async def keeps_events_in_order(journal: Journal) -> None:
    """Events come back as they were put in, in places counted from 1."""
    events: list[TaskEvent] = [submitted("a"), submitted("b"), ended("a", "1"), ended("b", "1")]
    records = [await journal.append(event) for event in events]  # type: ignore[arg-type]  # all are of the union
    expect(await journal.read() == records, "read gives the very records that append gave")
    expect([record.event for record in records] == events, "an event comes back as it was put in")
    expect([record.seq for record in records] == [1, 2, 3, 4], "places are counted from 1 without a gap")
    expect(all(record.at.tzinfo is not None for record in records), "times have a zone")


async def chains_records(journal: Journal) -> None:
    """Every record carries the hash of the one before."""
    records = [await journal.append(ended("a", str(number))) for number in range(3)]
    chained = zip(records[1:], records, strict=False)
    expect(all(later.previous == earlier.hash for later, earlier in chained), "previous is the hash of the one before")
    expect(len({record.hash for record in records}) == len(records), "no two records have the same hash")


async def records_a_key_once(journal: Journal) -> None:
    """The same key of the same task is recorded once; the first event holds."""
    first = await journal.append(ended("a", "end", "first"))
    again = await journal.append(ended("a", "end", "second"))
    expect(again == first, "a key that stands gives the record that stands")
    other = await journal.append(ended("b", "end"))
    expect(other.seq == first.seq + 1, "another task may have the same key, and a repeated key takes no place")


async def records_a_key_once_in_a_race(journal: Journal) -> None:
    """Many at the same moment: one record a key, no gap, one chain."""
    keys = [str(number % 7) for number in range(_RACE)]
    await asyncio.gather(*(journal.append(ended("a", key)) for key in keys))
    records = await journal.read()
    expect(sorted(record.event.key for record in records) == sorted(set(keys)), "a race leaves one record a key")
    expect([record.seq for record in records] == list(range(1, len(records) + 1)), "a race leaves no gap")
    chained = zip(records[1:], records, strict=False)
    expect(all(later.previous == earlier.hash for later, earlier in chained), "a race leaves one chain")


async def records_many_or_none(journal: Journal) -> None:
    """Many at once stand in their order; where one can't be recorded, none is."""
    from itops.errors import JournalError

    records = await journal.append_all([ended("a", "one"), ended("a", "two"), ended("a", "one", "again")])
    expect([record.seq for record in records] == [1, 2, 1], "many take their places in order, a repeated key none")
    expect(await journal.read() == records[:2], "many at once are read like others")
    expect(await journal.append_all([]) == [], "nothing at all is recorded without a word")
    try:
        await journal.append_all([ended("a", "three"), ended("a", "four", "half a pair: \ud800")])
    except JournalError:
        expect(await journal.read() == records[:2], "where one is refused, none is recorded")
    else:
        raise AssertionError("text that is not Unicode is refused with JournalError")


async def reads_parts(journal: Journal) -> None:
    """One task, one kind, a place to start after, a limit, the newest; together too."""
    for place, task in enumerate(("a", "b", "a", "b", "a")):
        await journal.append(ended(task, str(place)))
    await journal.append(submitted("a"))

    async def places(**wanted: object) -> list[int]:
        return [record.seq for record in await journal.read(**wanted)]  # type: ignore[arg-type]  # passed through

    expect(await places(task="a") == [1, 3, 5, 6], "task filters")
    expect(await places(kind="task.ended") == [1, 2, 3, 4, 5], "kind filters")
    expect(await places(after=3) == [4, 5, 6], "after leaves out what is at or below it")
    expect(await places(limit=2) == [1, 2], "limit keeps the first")
    expect(await places(newest=2) == [5, 6], "newest keeps the last, in order")
    expect(await places(newest=9) == [1, 2, 3, 4, 5, 6], "newest may be more than there are")
    expect(await places(newest=3, limit=2) == [5, 6], "limit holds for the newest too")
    expect(await places(task="a", kind="task.ended", after=1, limit=1) == [3], "filters hold together")
    expect(await places(task="a", kind="task.ended", after=1, newest=1) == [5], "and for the newest")
    expect(await places(task="nobody") == [], "an unknown task has no records")


async def finds_by_key(journal: Journal) -> None:
    """One record is found by its task and key."""
    record = await journal.append(ended("a", "end"))
    expect(await journal.find("a", "end") == record, "find gives the record under task and key")
    expect(await journal.find("b", "end") is None, "find looks in one task only")
    expect(await journal.find("a", "other") is None, "find gives nothing for an unknown key")


async def keeps_hostile_text(journal: Journal) -> None:
    """Any Unicode text comes back as it was."""
    await journal.append(submitted("a", HOSTILE))
    record = (await journal.read())[0]
    expect(record.event == submitted("a", HOSTILE), "text comes back as it was, control characters too")


async def refuses_broken_text(journal: Journal) -> None:
    """Text that is not Unicode is refused as an error of the journal, and leaves nothing behind."""
    from itops.errors import JournalError

    try:
        await journal.append(submitted("a", "half a pair: \ud800"))
    except JournalError:
        expect(await journal.read() == [], "a refused event leaves nothing behind")
    else:
        raise AssertionError("text that is not Unicode is refused with JournalError")


JOURNAL_PROMISES: Final[tuple[Promise, ...]] = (
    keeps_events_in_order,
    chains_records,
    records_a_key_once,
    records_a_key_once_in_a_race,
    records_many_or_none,
    reads_parts,
    finds_by_key,
    keeps_hostile_text,
    refuses_broken_text,
)
