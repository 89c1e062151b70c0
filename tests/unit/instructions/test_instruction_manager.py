"""The one door to the library."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.target import Platform
from itops.errors import JournalError, StoreError, UsageError
from itops.instructions.instruction_manager import InstructionManager
from itops.instructions.runbooks.runbook_loader import to_markdown
from itops.testing.memory_instruction_store import MemoryInstructionStore
from itops.testing.memory_journal import MemoryJournal

LINUX = Platform.LINUX
DRAFT, PUBLISHED, DEPRECATED = InstructionState.DRAFT, InstructionState.PUBLISHED, InstructionState.DEPRECATED


async def ids(manager: InstructionManager, words: str = "abc", platform: Platform | None = LINUX) -> list[str]:
    return [one.instruction.id for one in await manager.find(words, platform=platform)]


def told(journal: MemoryJournal) -> list[tuple[str, str, str]]:
    assert {event.task for event in journal.events} <= {"library"}
    return [(event.change, event.id, event.by.id) for event in journal.events]


async def test_a_life(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, journal: MemoryJournal
) -> None:
    draft = await manager.add(make("a", "abc"), by=ann)
    assert draft.state is DRAFT
    assert await ids(manager) == []
    assert (await manager.publish("a", by=ann)).state is PUBLISHED
    assert await ids(manager) == ["a"]
    edited = await manager.edit(make("a", "abcd"), by=ann)
    assert edited.state is DRAFT
    assert await ids(manager) == []
    await manager.publish("a", by=ann)
    assert (await manager.deprecate("a", by=ann)).state is DEPRECATED
    assert await ids(manager) == []
    await manager.remove("a", by=ann)
    assert await manager.get("a") is None
    assert (await manager.get("a", draft.version)).title == "abc"
    assert [one.title for one in await manager.history("a")] == ["abc", "abcd"]
    changes = ["added", "published", "edited", "published", "deprecated", "removed"]
    assert told(journal) == [(change, "a", "ann") for change in changes]
    assert len({event.key for event in journal.events}) == 6
    assert [event.version for event in journal.events][-1] == ""


async def test_what_changes_nothing_is_not_told(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, journal: MemoryJournal
) -> None:
    await manager.add(make("a"), by=ann, publish=True)
    before = told(journal)
    assert (await manager.publish("a", by=ann)).state is PUBLISHED
    assert (await manager.edit(make("a"), by=ann)).state is PUBLISHED
    assert told(journal) == before == [("added", "a", "ann"), ("published", "a", "ann")]


async def test_ids_are_taken_once(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, journal: MemoryJournal
) -> None:
    await manager.add(make("a", "One"), by=ann)
    with pytest.raises(UsageError, match="already"):
        await manager.add(make("a", "Two"), by=ann)
    assert (await manager.get("a")).title == "One"
    assert len(journal.events) == 1


@pytest.mark.parametrize("call", ["edit", "publish", "deprecate", "remove", "history"])
async def test_what_is_not_there_is_an_error(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, journal: MemoryJournal, call: str
) -> None:
    argument = make("a") if call == "edit" else "a"
    with pytest.raises(UsageError, match="no instruction 'a'"):
        await (manager.history("a") if call == "history" else getattr(manager, call)(argument, by=ann))
    assert journal.events == []


async def test_a_platform_is_searched_with_what_is_for_any(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person
) -> None:
    for name, platform in (("l", LINUX), ("w", Platform.WINDOWS), ("x", Platform.ANY)):
        await manager.add(make(name, "abc", platform=platform), by=ann, publish=True)
    assert sorted(await ids(manager)) == ["l", "x"]
    assert sorted(await ids(manager, platform=Platform.WINDOWS)) == ["w", "x"]
    assert sorted(await ids(manager, platform=None)) == ["l", "w", "x"]
    assert await ids(manager, platform=Platform.ANY) == ["x"]


async def test_no_journal_no_change(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, journal: MemoryJournal
) -> None:
    journal.failure = JournalError("The disk is full.")
    with pytest.raises(JournalError):
        await manager.add(make("a"), by=ann)
    assert await manager.list() == []


async def test_a_change_stands_although_the_index_fails(
    manager: InstructionManager,
    make: Callable[..., Instruction],
    ann: Person,
    store: MemoryInstructionStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "update", refuse)
        with pytest.raises(StoreError, match="The change is stored"):
            await manager.add(make("a", "abc"), by=ann, publish=True)
    assert await ids(manager) == ["a"]


async def test_list(manager: InstructionManager, make: Callable[..., Instruction], ann: Person) -> None:
    await manager.add(make("b"), by=ann)
    await manager.add(make("a", platform=Platform.AWS), by=ann, publish=True)
    assert [one.id for one in await manager.list()] == ["a", "b"]
    assert [one.id for one in await manager.list(platform=LINUX)] == ["b"]
    assert [one.id for one in await manager.list(state=PUBLISHED)] == ["a"]


def write(folder: Path, *instructions: Instruction) -> Path:
    folder.mkdir(exist_ok=True)
    for one in instructions:
        (folder / f"{one.id}.md").write_text(to_markdown(one))
    return folder


async def test_sync_can_run_again_and_again(
    manager: InstructionManager,
    make: Callable[..., Instruction],
    ann: Person,
    journal: MemoryJournal,
    letters: Any,
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "runbooks", make("a", "abc"), make("b", "bcd"))
    (folder / "broken.md").write_text("---\nid: [\n---\n")
    first = await manager.sync(folder, by=ann, publish=True)
    assert (first.added, first.edited, first.unchanged, len(first.problems)) == (2, 0, 0, 1)
    events, embedded = len(journal.events), len(letters.embedded)
    again = await manager.sync(folder, by=ann, publish=True)
    assert (again.added, again.edited, again.unchanged) == (0, 0, 2)
    assert (len(journal.events), len(letters.embedded)) == (events, embedded)
    write(folder, make("b", "xyz"))
    changed = await manager.sync(folder, by=ann, publish=True)
    assert (changed.added, changed.edited, changed.unchanged) == (0, 1, 1)
    assert len(letters.embedded) == embedded + 1


async def test_sync_makes_drafts_unless_told_otherwise(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, tmp_path: Path
) -> None:
    folder = write(tmp_path / "runbooks", make("a", "abc"))
    await manager.sync(folder, by=ann)
    assert (await manager.get("a")).state is DRAFT
    await manager.sync(folder, by=ann, publish=True)
    assert await ids(manager) == ["a"]


async def test_the_starter_library_comes_in_once(
    manager: InstructionManager, make: Callable[..., Instruction], ann: Person, journal: MemoryJournal, tmp_path: Path
) -> None:
    folder = write(tmp_path / "library", make("a", "abc"), make("b", "abd"), make("c", "abe"))
    await manager.ensure_library(folder)
    assert sorted(await ids(manager)) == ["a", "b", "c"]
    events = len(journal.events)
    await manager.ensure_library(folder)
    assert len(journal.events) == events
    await manager.edit(make("a", "mine"), by=ann, publish=True)
    await manager.remove("b", by=ann)
    write(folder, make("a", "theirs"), make("b", "theirs"), make("c", "theirs"))
    await manager.ensure_library(folder)
    assert [(one.id, one.title, one.state) for one in await manager.list()] == [
        ("a", "mine", PUBLISHED),
        ("c", "theirs", PUBLISHED),
    ]
