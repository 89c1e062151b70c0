"""The library: find and cite instructions, and change them, every change a new version in the journal."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from itops.domain.event import InstructionChanged, Journal
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState, RankedInstruction
from itops.domain.target import Platform
from itops.errors import StoreError, UsageError
from itops.instructions import change_log, library_sync, records, sources
from itops.instructions.index.embeddings import Embeddings
from itops.instructions.index.instruction_store import InstructionStore
from itops.instructions.library_sync import LIBRARIAN, SyncReport
from itops.instructions.records import Change, ChangeKind, InstructionVersion
from itops.instructions.runbooks.runbook_loader import library_dir, load_folder
from itops.instructions.search.library_search import LibrarySearch
from itops.instructions.search.ranking import THRESHOLD
from itops.storage.database import Database

__all__ = ["InstructionManager", "InstructionVersion", "SyncReport", "library_dir"]

_STAMP: Final = "starter-library"
_APART: Final = frozenset({Platform.ANY, Platform.AWS})


class InstructionManager:
    """The one door to the library, for any number of processes on the same tables.

    The tables are the truth; the search index is made from them. A change and its record in the journal, which is in
    the same database, are made in one transaction.
    ``embeddings`` are for queries; ``documents``, of the same space, for instructions, where something remembers them.

    Raises:
        UsageError: there is no such instruction, or one where none may be. Nothing changed.
        JournalError: the journal can't be written, and nothing changed; or the change stands and is not anchored yet.
        StoreError: tables or index can't be read or written.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: InstructionStore,
        embeddings: Embeddings,
        journal: Journal,
        documents: Embeddings | None = None,
        threshold: float | None = None,
    ) -> None:
        self._database = database
        self._journal = journal
        trusted = THRESHOLD if threshold is None else threshold
        self._search = LibrarySearch(
            database=database, store=store, embeddings=embeddings, documents=documents or embeddings, threshold=trusted
        )

    async def find(
        self, words: str, *, platform: Platform | None, tools: frozenset[str] | None = None, top: int = 5
    ) -> list[RankedInstruction]:
        """The best published instructions for these words, best first; without a platform, of all platforms.

        ``tools`` are the programs that the target has: instructions that start with another one rank lower.
        ``confident`` is false below the threshold: then the honest answer is that there is no instruction for this.
        """
        return await asyncio.to_thread(self._search.find, words, platforms=_shelves(platform), tools=tools, top=top)

    async def get(self, identity: str, version: str = "") -> Instruction | None:
        """One instruction as it stands, or one version of it; a version that is no longer current is deprecated."""
        if version:
            return await self._database.run(lambda one: records.version(one, identity, version))
        found = await self._database.run(lambda one: records.current(one, identity=identity))
        return found[0] if found else None

    async def history(self, identity: str) -> list[InstructionVersion]:
        """Every version of an instruction, oldest first; also of one that has been removed."""
        found = await self._database.run(lambda one: records.history(one, identity))
        if not found:
            raise _unknown(identity)
        return found

    async def list(
        self, *, platform: Platform | None = None, state: InstructionState | None = None
    ) -> list[Instruction]:
        """Every instruction as it stands, by id."""
        return await self._database.run(lambda one: records.current(one, platform=platform, state=state))

    async def add(self, instruction: Instruction, *, by: Person, publish: bool = False) -> Instruction:
        """A new instruction; a draft unless it is published."""
        if await self.get(instruction.id) is not None:
            raise UsageError(
                f"There is an instruction {instruction.id!r} already.",
                world="The library is as it was.",
                mend="Edit that one, or choose another id.",
            )
        return await self._make(library_sync.add(instruction, publish=publish), by)

    async def edit(self, instruction: Instruction, *, by: Person, publish: bool = False) -> Instruction:
        """Another version of an instruction: a draft until it is published. The same content changes nothing."""
        now = await self._existing(instruction.id)
        if now.version == instruction.version:
            return now
        return await self._make(library_sync.edit(instruction, now.version, publish=publish), by)

    async def publish(self, identity: str, *, by: Person) -> Instruction:
        """Let the version that stands be found and run."""
        return await self._turn(identity, InstructionState.PUBLISHED, "published", by)

    async def deprecate(self, identity: str, *, by: Person) -> Instruction:
        """Take an instruction out of use; it stays readable."""
        return await self._turn(identity, InstructionState.DEPRECATED, "deprecated", by)

    async def remove(self, identity: str, *, by: Person) -> None:
        """Take an instruction out of the library; its versions stay in the history."""
        now = await self._existing(identity)
        await self._commit([Change(identity, now.version, None, ("removed",))], by)

    async def sync(self, folder: Path, *, by: Person, publish: bool = False) -> SyncReport:
        """Take a folder in, by content: as often as you like. What is not in the folder stays as it is."""
        place = str(await asyncio.to_thread(folder.resolve))
        seen = await self._database.read(lambda one: sources.seen_in(one, place))
        standing = await self._database.read(records.standing)
        settled = library_sync.settled(seen, standing, publish=publish)
        loaded = await asyncio.to_thread(load_folder, folder, settled)
        plan = library_sync.plan_sync(loaded.instructions, standing, publish=publish)
        await self._commit(plan.changes, by)
        await self._database.run(lambda one: sources.keep_seen(one, place, seen, loaded.files))
        unchanged = plan.report.unchanged + len(loaded.files) - len(loaded.instructions)
        return replace(plan.report, unchanged=unchanged, problems=loaded.problems)

    async def take(self, instructions: Sequence[Instruction], *, by: Person, publish: bool = False) -> SyncReport:
        """Take many instructions in at once: new ones are added, others edited. Drafts, unless they are published."""
        standing = await self._database.read(records.standing)
        plan = library_sync.plan_sync(instructions, standing, publish=publish)
        await self._commit(plan.changes, by)
        return plan.report

    async def plan(self, instructions: Sequence[Instruction], *, publish: bool = False) -> SyncReport:
        """What ``take`` would do; changes nothing."""
        standing = await self._database.read(records.standing)
        return library_sync.plan_sync(instructions, standing, publish=publish).report

    async def ensure_library(self, folder: Path) -> None:
        """Have the starter library in, published, as the folder holds it; what a person has changed stays theirs."""
        stamp = await asyncio.to_thread(library_sync.stamp, folder)
        if await self._database.run(lambda one: change_log.state_value(one, _STAMP)) == stamp:
            return
        loaded = await asyncio.to_thread(load_folder, folder)
        standing = await self._database.run(records.standing)
        known = await self._database.run(records.known_ids)
        await self._commit(library_sync.plan_library(loaded, standing, known), LIBRARIAN)
        await self._database.run(lambda one: change_log.put_state(one, _STAMP, stamp))

    async def _turn(self, identity: str, state: InstructionState, kind: ChangeKind, by: Person) -> Instruction:
        now = await self._existing(identity)
        if now.state is state:
            return now
        return await self._make(Change(identity, now.version, library_sync.in_state(now, state), (kind,)), by)

    async def _existing(self, identity: str) -> Instruction:
        found = await self.get(identity)
        if found is None:
            raise _unknown(identity)
        return found

    async def _make(self, change: Change, by: Person) -> Instruction:
        await self._commit([change], by)
        return await self._existing(change.id)

    async def _commit(self, changes: Sequence[Change], by: Person) -> None:
        if not changes:
            return
        told = [event for change in changes for event in _events(change, by)]
        now = datetime.now(UTC)
        await self._journal.append_all(told, along=lambda one: records.write(one, changes, author=by.id, at=now))
        try:
            await asyncio.to_thread(self._search.bring_up)
        except StoreError as error:
            world = "The change is stored; the search index is brought up to it by the next search."
            raise StoreError(error.what, world=world, mend=error.mend) from error


def _shelves(platform: Platform | None) -> tuple[Platform, ...]:
    """What a search for a platform looks through; what runs on any host runs on no account of AWS."""
    if platform is None:
        return tuple(Platform)
    return (platform,) if platform in _APART else (platform, Platform.ANY)


def _events(change: Change, by: Person) -> Iterator[InstructionChanged]:
    version = change.after.version if change.after else ""
    for kind in change.kinds:
        key = f"{kind}.{uuid4().hex}"
        yield InstructionChanged(task="library", key=key, change=kind, id=change.id, version=version, by=by)


def _unknown(identity: str) -> UsageError:
    return UsageError(
        f"There is no instruction {identity!r}.",
        world="The library is as it was.",
        mend='Look with `itops instructions list`, or `itops search "…"`.',
    )
