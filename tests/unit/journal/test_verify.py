"""Every way to tamper with a journal is seen, and named by its place."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from itops.domain.event import EVENT
from itops.journal.chain import START, link
from itops.journal.sql_journal import read_entries
from itops.journal.verify import export, verify
from itops.storage.tables import events
from itops.testing.journal_contract import ended

START_TIME = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = ("at", "task", "key", "kind", "body", "previous", "hash")


async def test_a_whole_journal_is_whole(books: Any) -> None:
    await books.fill(3)
    found = await books.verify()
    assert (found.ok, found.checked, found.broken_at, found.problem, found.anchors) == (True, 6, None, "", 6)


async def test_an_empty_journal_is_whole(books: Any) -> None:
    assert (await books.verify()).ok
    assert not (books.folder / "key").exists()


@pytest.mark.parametrize("field", FIELDS)
async def test_every_single_byte_counts(books: Any, field: str) -> None:
    """Without anchors: the chain alone sees it."""
    await books.fill(1)
    for entry in await read_entries(books.database):
        whole = getattr(entry, field)
        for place, letter in enumerate(whole):
            flipped = whole[:place] + chr(ord(letter) ^ 1) + whole[place + 1 :]
            books.change(entry.seq, **{field: flipped})
            found = await verify(books.database)
            assert not found.ok, f"{field} {place}"
            assert found.broken_at == entry.seq
        books.change(entry.seq, **{field: whole})
    assert (await verify(books.database)).ok


@pytest.mark.parametrize("value", [b"\xff\xfe", b"look", 7, 1.5])
async def test_a_value_of_another_kind_is_seen(books: Any, value: object) -> None:
    await books.fill(2)
    books.tamper("UPDATE events SET body = :value WHERE seq = 3", value=value)
    found = await books.verify()
    assert (found.ok, found.checked, found.broken_at) == (False, 2, 3)


async def test_text_that_is_not_unicode_is_seen(books: Any) -> None:
    await books.fill(2)
    books.tamper("UPDATE events SET body = CAST(x'ff80' AS TEXT) WHERE seq = 3")
    found = await books.verify()
    assert (found.ok, found.checked, found.broken_at) == (False, 2, 3)
    assert "can't be read" in found.problem


@pytest.mark.parametrize(("seq", "next_one"), [(1, 2), (2, 3), (5, 6)])
async def test_a_gap_is_seen(books: Any, seq: int, next_one: int) -> None:
    await books.fill(3)
    books.tamper("DELETE FROM events WHERE seq = :seq", seq=seq)
    found = await verify(books.database)
    assert (found.ok, found.broken_at) == (False, seq)
    assert found.problem == f"Record {seq} is missing; the next one found is {next_one}."


async def test_a_gap_that_was_closed_up_is_seen(books: Any) -> None:
    await books.fill(3)
    books.tamper("DELETE FROM events WHERE seq = 2")
    for seq in (3, 4, 5, 6):
        books.tamper("UPDATE events SET seq = seq - 1 WHERE seq = :seq", seq=seq)
    assert (await verify(books.database)).broken_at == 2


@pytest.mark.parametrize("removed", range(1, 7))
async def test_a_removed_tail_is_seen_by_the_anchors(books: Any, removed: int) -> None:
    await books.fill(3)
    books.tamper("DELETE FROM events WHERE seq > :last", last=6 - removed)
    assert (await verify(books.database)).ok
    found = await books.verify()
    assert (found.ok, found.checked, found.broken_at) == (False, 6 - removed, 7 - removed)
    assert found.problem == f"The journal ends at record {6 - removed}, but 6 records were anchored."


async def test_a_swap_is_seen(books: Any) -> None:
    await books.fill(3)
    books.tamper("UPDATE events SET seq = -3 WHERE seq = 3")
    assert (await verify(books.database)).broken_at == 1
    books.tamper("UPDATE events SET seq = 3 WHERE seq = 4")
    books.tamper("UPDATE events SET seq = 4 WHERE seq = -3")
    assert (await verify(books.database)).broken_at == 3


@pytest.mark.parametrize("place", [0, 7])
async def test_a_duplicate_is_seen(books: Any, place: int) -> None:
    await books.fill(3)
    books.tamper(
        "INSERT INTO events SELECT :place, at, task, 'copy', kind, body, previous, hash FROM events WHERE seq = 6",
        place=place,
    )
    assert not (await verify(books.database)).ok


async def test_a_record_that_was_written_anew_with_its_own_hash_does_not_fit_the_next(books: Any) -> None:
    await books.fill(3)
    third = (await read_entries(books.database))[2].model_copy(update={"at": "2020-01-01T00:00:00+00:00"})
    books.change(3, at=third.at, hash=third.expected_hash)
    found = await verify(books.database)
    assert (found.ok, found.broken_at) == (False, 4)
    assert found.problem == "Record 4 does not continue the one before it."


async def rewrite(books: Any, *, upto: int) -> None:
    """What somebody does who knows how the chain is made, but has no key: other bodies, hashes made anew."""
    previous = START
    entries = await read_entries(books.database)
    books.tamper("DELETE FROM events")
    for entry in entries[:upto]:
        event = EVENT.validate_json(entry.body).model_copy(update={"task": "forged"})
        forged = link(event.model_copy(update={"key": str(entry.seq)}), seq=entry.seq, at=START_TIME, previous=previous)
        row = forged.model_dump()
        books.database.run_here(lambda connection, row=row: connection.execute(insert(events).values(**row)))
        previous = forged.hash


@pytest.mark.parametrize("upto", [2, 6])
async def test_a_rewritten_chain_is_seen_by_the_anchors(books: Any, upto: int) -> None:
    await books.fill(3)
    await rewrite(books, upto=upto)
    assert (await verify(books.database)).ok
    found = await books.verify()
    assert (found.ok, found.checked, found.broken_at) == (False, 0, 1)
    assert "written anew" in found.problem


async def test_a_rewritten_journal_that_went_on_growing_is_still_seen(books: Any) -> None:
    await books.fill(2)
    await rewrite(books, upto=4)
    await books.fill(2)
    assert not (await books.verify()).ok


async def test_anchors_that_another_key_signed_are_seen(books: Any) -> None:
    await books.fill(1)
    (books.folder / "key").write_text("ab" * 32)
    found = await books.verify()
    assert (found.ok, found.checked, found.broken_at, found.anchors) == (False, 2, None, 0)
    assert "not signed by this journal's key" in found.problem


async def test_one_forged_anchor_is_seen(books: Any) -> None:
    await books.fill(1)
    with (books.folder / "anchors").open("a") as file:
        file.write(json.dumps({"count": 2, "head": "0" * 64, "signature": "0" * 64}) + "\n")
    found = await books.verify()
    assert (found.ok, found.anchors) == (False, 2)


async def test_removed_anchors_are_missed(books: Any) -> None:
    await books.fill(50)
    (books.folder / "anchors").unlink()
    found = await books.verify()
    assert not found.ok
    assert "anchors were removed" in found.problem


async def test_a_torn_last_line_is_no_tampering(books: Any) -> None:
    await books.fill(1)
    with (books.folder / "anchors").open("a") as file:
        file.write('{"count": 2, "he')
    assert (await books.verify()).ok
    await books.journal.append(ended("u", "end"))
    found = await books.verify()
    assert (found.ok, found.anchors) == (True, 3)


async def test_the_export_is_every_row_and_can_be_checked_elsewhere(books: Any) -> None:
    await books.fill(2)
    lines = [json.loads(line) async for line in export(books.database)]
    rows = books.database.read_here(lambda connection: connection.execute(select(events)).all())
    assert lines == [row._asdict() for row in rows]
    assert [line["seq"] async for line in _loaded(export(books.database, task="t1"))] == [3, 4]


async def _loaded(lines: Any) -> Any:
    async for line in lines:
        yield json.loads(line)
