import asyncio

from itops.journal.follow import follow
from itops.testing.journal_contract import ended
from itops.testing.memory_journal import MemoryJournal


async def test_it_gives_what_is_there_and_then_what_comes() -> None:
    journal = MemoryJournal()
    for key in ("1", "2"):
        await journal.append(ended("t", key))
    seen: list[str] = []

    async def watch() -> None:
        async for record in follow(journal, task="t", after=1, poll_seconds=0.001):
            seen.append(record.event.key)
            if record.event.key == "4":
                return

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0.02)
    assert seen == ["2"]
    await journal.append(ended("t", "3"))
    await journal.append(ended("other", "x"))
    await journal.append(ended("t", "4"))
    await asyncio.wait_for(watcher, 30)
    assert seen == ["2", "3", "4"]
