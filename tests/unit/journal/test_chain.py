import hashlib
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from itops.errors import JournalError
from itops.journal.chain import START, Entry, link
from itops.testing.journal_contract import submitted

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_hash_is_the_one_that_the_handbook_describes() -> None:
    """A change of how hashes are made would break every journal there is."""
    covered = (
        '{"at":"2026-01-01T12:00:00+00:00","body":"{\\"because\\":\\"\\u00e9\\"}",'
        '"key":"end","kind":"task.ended","seq":1,"task":"t"}'
    )
    text = "itops.journal.v1\n" + "0" * 64 + covered
    entry = Entry(
        seq=1,
        at=NOON.isoformat(),
        task="t",
        key="end",
        kind="task.ended",
        body='{"because":"é"}',
        previous=START,
        hash="",
    )
    assert entry.expected_hash == hashlib.sha256(text.encode()).hexdigest()
    assert entry.expected_hash == "f4838d17da79653e44736ae32b9bc4b8c371122f4b228c9f013c518b109e8502"


def test_an_entry_gives_the_event_back() -> None:
    entry = link(submitted("t"), seq=7, at=NOON, previous="a" * 64)
    record = entry.record
    assert (record.seq, record.at, record.event) == (7, NOON, submitted("t"))
    assert (record.previous, record.hash) == ("a" * 64, entry.expected_hash)


@pytest.mark.parametrize(
    "change",
    [{"seq": 2}, {"at": "x"}, {"task": "x"}, {"key": "x"}, {"kind": "x"}, {"body": "x"}, {"previous": "x"}],
    ids=str,
)
def test_the_hash_covers_everything_but_itself(change: dict[str, object]) -> None:
    entry = link(submitted("t"), seq=1, at=NOON, previous=START)
    assert entry.model_copy(update=change).expected_hash != entry.expected_hash
    assert entry.model_copy(update={"hash": "x"}).expected_hash == entry.expected_hash


@pytest.mark.parametrize("change", [{"body": "{}"}, {"body": "no JSON"}, {"at": "yesterday"}])
def test_an_unreadable_entry_is_named(change: dict[str, object]) -> None:
    entry = link(submitted("t"), seq=7, at=NOON, previous=START).model_copy(update=change)
    with pytest.raises(JournalError, match="Record 7"):
        _ = entry.record


def test_an_entry_takes_nothing_for_something_else() -> None:
    stored = link(submitted("t"), seq=7, at=NOON, previous=START).model_dump()
    for stray in ({"seq": "7"}, {"body": b"{}"}, {"at": None}):
        with pytest.raises(ValidationError):
            Entry.model_validate({**stored, **stray})
