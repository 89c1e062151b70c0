"""How the library is used and what of it a person should look at again."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from itops.domain.event import Journal
from itops.domain.instruction import InstructionRef, InstructionState
from itops.domain.noun import Noun
from itops.domain.target import Platform
from itops.instructions.learning import feedback
from itops.instructions.learning.feedback import Feedback
from itops.instructions.learning.usage import KINDS, MissingWord, Usage, Uses
from itops.instructions.library_sync import LIBRARIAN
from itops.storage.database import Database
from itops.storage.tables import instruction_versions, instructions

_PAGE: Final = 2_000
_WORDS: Final = 20
_TRIED: Final = 3
_FAILING: Final = 0.3
_UNUSED: Final = Uses()
_UNRATED: Final = Feedback()


@dataclass(frozen=True)
class InstructionStats:
    """One instruction's use, over all its versions; feedback is on the version that stands."""

    id: str
    platform: Platform
    state: InstructionState
    version: str
    version_days: int
    uses: int
    succeeded: int
    failed: int
    asked: int
    mean_seconds: float | None
    last_used: datetime | None
    helped: int
    wrong: int
    outdated: int


@dataclass(frozen=True)
class ToReview:
    """An instruction that a person should look at, and why."""

    id: str
    reasons: tuple[str, ...]


class LibraryStats(Noun):
    """What the journal of the last ``days`` and the library's tables say.

    ``library`` counts instructions by platform and state; ``without_instruction`` are the tasks, of all ``tasks`` that
    ended, that no instruction covered.
    """

    days: int
    library: dict[str, dict[str, int]]
    tasks: int
    without_instruction: int
    missing_words: tuple[MissingWord, ...]
    review: tuple[ToReview, ...]
    instructions: tuple[InstructionStats, ...]


@dataclass(frozen=True)
class _Shelved:
    """An instruction as the tables have it, without its text."""

    id: str
    version: str
    platform: Platform
    state: InstructionState
    author: str
    at: datetime


@dataclass(frozen=True)
class _Known:
    """One instruction with all that is known of its use."""

    shelved: _Shelved
    age: timedelta
    total: Uses
    standing: Uses
    feedback: Feedback
    complaint: str


async def read_stats(
    database: Database, journal: Journal, *, redact: Callable[[str], str], days: int, now: datetime
) -> LibraryStats:
    """The library's statistics of the last days, read from the journal page by page."""
    usage = await read_usage(journal, redact=redact, since=now - timedelta(days=days))
    shelf = await database.read(_shelf)
    votes, complaints = await database.read(feedback.standing), await database.read(feedback.complaints)
    by_version = usage.by_version()
    totals = _totals(by_version)
    known = [
        _Known(
            shelved=each,
            age=max(now - each.at, timedelta(0)),
            total=totals.get(each.id, _UNUSED),
            standing=by_version.get(InstructionRef(id=each.id, version=each.version), _UNUSED),
            feedback=votes.get(each.id, _UNRATED),
            complaint=complaints.get(each.id, ""),
        )
        for each in shelf
    ]
    reviews = ((one.shelved.id, tuple(_reasons(one, days))) for one in known)
    return LibraryStats(
        days=days,
        library=_sizes(shelf),
        tasks=usage.tasks,
        without_instruction=usage.without_instruction,
        missing_words=tuple(usage.missing_words(_WORDS)),
        review=tuple(ToReview(id=identity, reasons=reasons) for identity, reasons in reviews if reasons),
        instructions=tuple(_stats(one) for one in known),
    )


async def read_usage(journal: Journal, *, redact: Callable[[str], str], since: datetime) -> Usage:
    """What the journal tells of uses since then."""
    usage = Usage(redact)
    start = await _place_before(journal, since)
    for kind in KINDS:
        after = start
        while records := await journal.read(kind=kind, after=after, limit=_PAGE):
            after = records[-1].seq
            for record in records:
                usage.take(record)
    return usage


async def _place_before(journal: Journal, since: datetime) -> int:
    """The place of the last record before a time, by halves: records stand in the order of their times."""
    newest = await journal.read(newest=1)
    low, high = 0, newest[-1].seq if newest else 0
    while low < high:
        middle = (low + high) // 2
        records = await journal.read(after=middle, limit=1)
        if records and records[0].at < since:
            low = middle + 1
        else:
            high = middle
    return low


def _shelf(connection: Connection) -> list[_Shelved]:
    same = (instructions.c.id == instruction_versions.c.id) & (instructions.c.version == instruction_versions.c.version)
    columns = (*instructions.c, instruction_versions.c.author, instruction_versions.c.at)
    query = select(*columns).join_from(instructions, instruction_versions, same).order_by(instructions.c.id)
    return [
        _Shelved(
            id=row.id,
            version=row.version,
            platform=Platform(row.platform),
            state=InstructionState(row.state),
            author=row.author,
            at=datetime.fromisoformat(row.at),
        )
        for row in connection.execute(query)
    ]


def _totals(by_version: Mapping[InstructionRef, Uses]) -> dict[str, Uses]:
    totals: dict[str, Uses] = {}
    for ref, uses in by_version.items():
        totals[ref.id] = totals.get(ref.id, _UNUSED) + uses
    return totals


def _sizes(shelf: Sequence[_Shelved]) -> dict[str, dict[str, int]]:
    counts = Counter((each.platform.value, each.state.value) for each in shelf)
    platforms = dict.fromkeys(platform for platform, _ in counts)
    return {
        platform: {state.value: counts[platform, state.value] for state in InstructionState} for platform in platforms
    }


def _stats(known: _Known) -> InstructionStats:
    total = known.total
    return InstructionStats(
        id=known.shelved.id,
        platform=known.shelved.platform,
        state=known.shelved.state,
        version=known.shelved.version,
        version_days=known.age.days,
        uses=total.uses,
        succeeded=total.succeeded,
        failed=total.failed,
        asked=total.asked,
        mean_seconds=round(total.seconds / total.uses, 2) if total.uses else None,
        last_used=total.last_used,
        helped=known.feedback.helped,
        wrong=known.feedback.wrong,
        outdated=known.feedback.outdated,
    )


def _reasons(known: _Known, days: int) -> Iterator[str]:
    """Why a person should look at it; uses and votes of older versions are no reason."""
    shelved, votes, uses = known.shelved, known.feedback, known.standing
    if shelved.state is InstructionState.DEPRECATED:
        return
    comment = f": “{known.complaint}”" if known.complaint else ""
    if votes.outdated:
        yield f"{_times(votes.outdated)} said to be outdated{comment}"
    if votes.wrong > votes.helped:
        yield f"{_times(votes.wrong)} said to be wrong, {_times(votes.helped)} to have helped{comment}"
    if uses.uses >= _TRIED and uses.failed > _FAILING * uses.uses:
        yield f"failed in {uses.failed} of {uses.uses} uses"
    if shelved.state is InstructionState.DRAFT:
        yield f"a draft that waits for its review, for {known.age.days} days"
    elif known.age.days >= days and not known.total.uses and shelved.author != LIBRARIAN.id:
        yield f"not used in the last {days} days"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
