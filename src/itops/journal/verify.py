"""Checks the chain from its first record to its last, and the anchors against it."""

from collections.abc import AsyncIterator
from typing import Final

from itops.domain.noun import Noun
from itops.errors import JournalError
from itops.journal.anchor import Anchor, Anchored
from itops.journal.chain import START, Entry
from itops.journal.sql_journal import read_entries
from itops.storage.database import Database

_PAGE: Final = 1000
_BEFORE_ALL: Final = -(2**31)


class Verification(Noun):
    """What the check found. ``broken_at`` is the place (``seq``) of the first broken link, ``problem`` says what it is.

    ``checked`` counts the records found whole before that; ``anchors`` counts the anchors that were checked against.
    """

    ok: bool
    checked: int
    broken_at: int | None = None
    problem: str = ""
    anchors: int = 0


async def verify(database: Database, *, anchor: Anchor | None = None) -> Verification:
    """Whether every record is there, as it was written, in its place.

    Raises:
        JournalError: the anchors or their key can't be read, so nothing can be said.
    """
    # The anchors are read before the records, so that none speaks of a record appended meanwhile.
    anchors = anchor.read() if anchor else []
    signed = [each for each in anchors if anchor and each.holds(anchor.key())]
    checked, problem = await _walk(database, signed)
    if problem:
        return Verification(ok=False, checked=checked, broken_at=checked + 1, problem=problem, anchors=len(signed))
    if len(signed) < len(anchors):
        problem = "An anchor is not signed by this journal's key: the anchors or the key were changed."
    elif anchor and not anchors and checked >= anchor.every:
        problem = "No anchor vouches for this journal: its anchors were removed."
    return Verification(ok=not problem, checked=checked, problem=problem, anchors=len(signed))


async def export(database: Database, *, task: str = "") -> AsyncIterator[str]:
    """Every record as one line of JSON, exactly as it is stored: enough to check the chain elsewhere.

    Raises:
        JournalError: the journal can't be read.
    """
    async for entry in _entries(database, task=task):
        yield entry.model_dump_json()


async def _walk(database: Database, anchors: list[Anchored]) -> tuple[int, str]:
    """How many records are whole from the first on, and what is wrong with the next, if anything is."""
    heads = {(each.count, each.head) for each in anchors}
    anchored = {count for count, _ in heads}
    checked, previous = 0, START
    try:
        async for entry in _entries(database):
            problem = _flaw(entry, checked + 1, previous)
            if not problem and entry.seq in anchored and (entry.seq, entry.hash) not in heads:
                problem = f"Record {entry.seq} is not the one that was anchored: the chain was written anew."
            if problem:
                return checked, problem
            checked, previous = entry.seq, entry.hash
    except JournalError as error:
        return checked, f"Record {checked + 1} can't be read: {error.what}"
    last = max(anchored, default=0)
    return (
        checked,
        "" if last <= checked else f"The journal ends at record {checked}, but {last} records were anchored.",
    )


def _flaw(entry: Entry, place: int, previous: str) -> str:
    """What is wrong with the record found at a place, by itself."""
    if entry.seq != place:
        return f"Record {place} is missing; the next one found is {entry.seq}."
    if entry.previous != previous:
        return f"Record {place} does not continue the one before it."
    if entry.hash != entry.expected_hash:
        return f"Record {place} was changed after it was written."
    return ""


async def _entries(database: Database, *, task: str = "") -> AsyncIterator[Entry]:
    """Every entry in order; where a page can't be read, one by one up to the entry that can't."""
    after, size = _BEFORE_ALL, _PAGE
    while True:
        try:
            page = await read_entries(database, task=task, after=after, limit=size)
        except JournalError:
            if size == 1:
                raise
            size = 1
            continue
        if not page:
            return
        for entry in page:
            yield entry
        after = page[-1].seq
