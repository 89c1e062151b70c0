"""The library's tables."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from itops.domain.instruction import Instruction, InstructionState
from itops.domain.target import Platform
from itops.errors import UsageError
from itops.instructions import change_log, records
from itops.instructions.records import Change
from itops.storage.database import Database

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def write(database: Database) -> Callable[..., None]:
    def one(change: Change, author: str = "ann") -> None:
        database.run_here(lambda connection: records.write(connection, [change], author=author, at=NOON))

    return one


def test_every_change_begins_a_generation(
    database: Database, write: Callable[..., None], make: Callable[..., Instruction]
) -> None:
    seen = [database.run_here(change_log.generation)]
    one = make("a")
    for change in (Change("a", "", one, ("added",)), Change("a", one.version, None, ("removed",))):
        write(change)
        seen.append(database.run_here(change_log.generation))
    assert seen[0] == ""
    assert len(set(seen)) == 3


def test_an_old_version_stays_readable_and_is_deprecated(
    database: Database, write: Callable[..., None], make: Callable[..., Instruction]
) -> None:
    old = make("a", "Old", state=InstructionState.PUBLISHED)
    new = make("a", "New", state=InstructionState.PUBLISHED)
    write(Change("a", "", old, ("added",)))
    write(Change("a", old.version, new, ("edited",)), author="bob")
    read = database.run_here(lambda one: records.version(one, "a", old.version))
    assert (read.title, read.state, read.version) == ("Old", InstructionState.DEPRECATED, old.version)
    assert database.run_here(lambda one: records.version(one, "a", new.version)) == new
    assert database.run_here(lambda one: records.version(one, "a", "none")) is None
    history = database.run_here(lambda one: records.history(one, "a"))
    assert {(one.title, one.author, one.current) for one in history} == {("Old", "ann", False), ("New", "bob", True)}


def test_going_back_to_an_old_version_keeps_its_author(
    database: Database, write: Callable[..., None], make: Callable[..., Instruction]
) -> None:
    old, new = make("a", "Old"), make("a", "New")
    write(Change("a", "", old, ("added",)))
    write(Change("a", old.version, new, ("edited",)), author="bob")
    write(Change("a", new.version, old, ("edited",)), author="eve")
    assert database.run_here(records.standing)["a"].author == "ann"
    assert len(database.run_here(lambda one: records.history(one, "a"))) == 2


@pytest.mark.parametrize("kind", ["add", "edit", "remove", "edit nothing", "remove nothing"])
def test_a_change_decided_upon_another_version_changes_nothing(
    database: Database, write: Callable[..., None], make: Callable[..., Instruction], kind: str
) -> None:
    standing = make("a", "Standing")
    write(Change("a", "", standing, ("added",)))
    generation = database.run_here(change_log.generation)
    change = {
        "add": Change("a", "", make("a", "X"), ("added",)),
        "edit": Change("a", "stale", make("a", "X"), ("edited",)),
        "remove": Change("a", "stale", None, ("removed",)),
        "edit nothing": Change("b", "stale", make("b", "X"), ("edited",)),
        "remove nothing": Change("b", "", None, ("removed",)),
    }[kind]
    with pytest.raises(UsageError, match="meanwhile"):
        write(change)
    assert database.run_here(records.current) == [standing]
    assert database.run_here(change_log.generation) == generation


def test_current_is_what_is_asked_for(
    database: Database, write: Callable[..., None], make: Callable[..., Instruction]
) -> None:
    one = make("b", state=InstructionState.PUBLISHED)
    other = make("a", platform=Platform.AWS)
    write(Change("b", "", one, ("added",)))
    write(Change("a", "", other, ("added",)))

    def current(**wanted: Any) -> list[str]:
        return [found.id for found in database.run_here(lambda connection: records.current(connection, **wanted))]

    assert current() == ["a", "b"]
    assert current(identity="b") == ["b"]
    assert current(platform=Platform.AWS) == ["a"]
    assert current(state=InstructionState.PUBLISHED) == ["b"]
    assert database.run_here(records.known_ids) == {"a", "b"}
