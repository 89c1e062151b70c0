"""What the fake adds to the contract that it keeps in tests/contract/test_journal.py."""

from datetime import UTC, datetime

import pytest

from itops.errors import JournalError
from itops.testing.journal_contract import ended
from itops.testing.memory_journal import MemoryJournal

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_it_fails_when_told_to_and_goes_on_after() -> None:
    journal = MemoryJournal(clock=lambda: NOON)
    journal.failure = JournalError("The disk is full.")
    with pytest.raises(JournalError):
        await journal.append(ended("t", "1"))
    journal.failure = None
    record = await journal.append(ended("t", "1"))
    assert (record.seq, record.at) == (1, NOON)
    assert journal.events == [record.event]
