"""What brings the search index up, from any generation that it may hold."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.domain.instruction import Instruction, InstructionState
from itops.domain.target import Platform
from itops.instructions import change_log, records
from itops.instructions.index.index_change import index_change
from itops.instructions.index.instruction_store import IndexChange
from itops.instructions.records import Change
from itops.instructions.search.library import rows
from itops.storage import tables
from itops.storage.database import Database, open_engine

STATES = tuple(InstructionState)


def change_from(database: Database, known: str) -> IndexChange:
    return database.run_here(lambda one: index_change(one, known, named=lambda name: f"space@{name}"))


def write(database: Database, *changes: Change) -> str:
    def work(connection: Any) -> str:
        records.write(connection, changes, author="ann", at=datetime.now(UTC))
        return change_log.generation(connection)

    return database.run_here(work)


def test_from_nothing_it_is_whole(database: Database, make: Callable[..., Instruction]) -> None:
    shown, hidden = make("a", state=InstructionState.PUBLISHED), make("b")
    name = write(database, Change("a", "", shown, ("added",)), Change("b", "", hidden, ("added",)))
    change = change_from(database, "")
    assert change == IndexChange(f"space@{name}", {Platform.LINUX: rows(shown)}, is_whole=True)


def test_an_edit_drops_the_old_rows_and_keeps_those_of_the_same_text(
    database: Database, make: Callable[..., Instruction]
) -> None:
    before = make("a", "old", phrases=("same",), state=InstructionState.PUBLISHED)
    after = make("a", "new", phrases=("same",), state=InstructionState.PUBLISHED)
    first = write(database, Change("a", "", before, ("added",)))
    write(database, Change("a", before.version, after, ("edited",)))
    change = change_from(database, first)
    assert change.put == {Platform.LINUX: rows(after)}
    assert change.drop == {Platform.LINUX: rows(before).keys() - rows(after).keys()}
    assert not change.is_whole


@pytest.mark.parametrize("state", [InstructionState.DRAFT, InstructionState.DEPRECATED])
def test_what_is_no_longer_published_is_dropped(
    state: InstructionState, database: Database, make: Callable[..., Instruction]
) -> None:
    one = make("a", state=InstructionState.PUBLISHED)
    first = write(database, Change("a", "", one, ("added",)))
    write(database, Change("a", one.version, one.model_copy(update={"state": state}), ("deprecated",)))
    change = change_from(database, first)
    assert (dict(change.put), dict(change.drop)) == ({}, {Platform.LINUX: rows(one).keys()})


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from(["one", "two", ""]), st.sampled_from(STATES)),
            min_size=1,
            max_size=3,
            unique_by=lambda row: row[0],
        ),
        min_size=1,
        max_size=6,
    )
)
def test_from_every_generation_it_leads_to_the_same_rows(
    make: Callable[..., Instruction], generations: list[list[tuple[str, str, InstructionState]]]
) -> None:
    engine = open_engine("sqlite://")
    tables.metadata.create_all(engine)
    database = Database(engine)
    held: dict[str, set[str]] = {"": set()}
    standing: dict[str, Instruction] = {}
    for generation in generations:
        changes = []
        for name, title, state in generation:
            before = standing.pop(name, None)
            if not title and not before:
                continue
            after = make(name, title, state=state) if title else None
            changes.append(Change(name, before.version if before else "", after, ("edited",)))
            if after:
                standing[name] = after
        if changes:
            name = write(database, *changes)
            held[name] = {
                row for one in standing.values() if one.state is InstructionState.PUBLISHED for row in rows(one)
            }
            for known, rows_then in held.items():
                change = change_from(database, known)
                put = {row for found in change.put.values() for row in found}
                drop = {row for found in change.drop.values() for row in found}
                assert (set() if change.is_whole else rows_then) - drop | put == held[name]
