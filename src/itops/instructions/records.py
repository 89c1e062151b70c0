"""The library's tables: what is true of it. Functions on an open connection; their caller holds the transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from itops.domain.instruction import Instruction, InstructionState
from itops.domain.noun import Noun
from itops.domain.target import Platform
from itops.errors import UsageError
from itops.storage.tables import instruction_versions, instructions, library_state

ChangeKind: TypeAlias = Literal["added", "edited", "published", "deprecated", "removed"]

_GENERATION: Final = "generation"
_SAME_VERSION: Final = (instructions.c.id == instruction_versions.c.id) & (
    instructions.c.version == instruction_versions.c.version
)
_BODIES: Final = select(instruction_versions.c.body, instructions.c.state).join_from(
    instructions, instruction_versions, _SAME_VERSION
)


class InstructionVersion(Noun):
    """One version in an instruction's history."""

    id: str
    version: str
    title: str
    at: datetime
    author: str
    current: bool


@dataclass(frozen=True)
class Standing:
    """An instruction's current version, and who wrote it."""

    version: str
    state: InstructionState
    author: str


@dataclass(frozen=True)
class Change:
    """What becomes of one instruction: ``after`` replaces the version that stands; None removes it.

    ``before`` is the version that the change was decided upon; empty where none stood. ``kinds`` is how the journal
    tells it.
    """

    id: str
    before: str
    after: Instruction | None
    kinds: tuple[ChangeKind, ...]


def write(connection: Connection, changes: Iterable[Change], *, author: str, at: datetime) -> None:
    """Apply the changes and begin a new generation.

    Raises:
        UsageError: an instruction has been changed by someone else meanwhile; nothing is changed.
    """
    for change in changes:
        _claim(connection, change)
        if change.after is not None:
            _keep_version(connection, change.after, author, at)
    put_state(connection, _GENERATION, uuid4().hex)


def generation(connection: Connection) -> str:
    """The name of the library's present state; empty before its first change."""
    return state_value(connection, _GENERATION)


def state_value(connection: Connection, key: str) -> str:
    """A remembered value; empty where none is."""
    found = connection.execute(select(library_state.c.value).where(library_state.c.key == key)).scalar()
    return found or ""


def put_state(connection: Connection, key: str, value: str) -> None:
    """Remember a value."""
    changed = connection.execute(update(library_state).where(library_state.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(library_state).values(key=key, value=value))


def standing(connection: Connection) -> dict[str, Standing]:
    """Every instruction's current version, by id."""
    query = select(
        instructions.c.id, instructions.c.version, instructions.c.state, instruction_versions.c.author
    ).join_from(instructions, instruction_versions, _SAME_VERSION)
    return {row.id: Standing(row.version, InstructionState(row.state), row.author) for row in connection.execute(query)}


def known_ids(connection: Connection) -> set[str]:
    """Every id that ever had a version, removed ones too."""
    return set(connection.execute(select(instruction_versions.c.id).distinct()).scalars())


def current(
    connection: Connection,
    *,
    identity: str = "",
    platform: Platform | None = None,
    state: InstructionState | None = None,
) -> list[Instruction]:
    """The current versions, by id; all of them, or those that are asked for."""
    query = _BODIES.order_by(instructions.c.id)
    if identity:
        query = query.where(instructions.c.id == identity)
    if platform:
        query = query.where(instructions.c.platform == platform.value)
    if state:
        query = query.where(instructions.c.state == state.value)
    return [_instruction(row.body, InstructionState(row.state)) for row in connection.execute(query)]


def version(connection: Connection, identity: str, wanted: str) -> Instruction | None:
    """One version; one that is no longer current is deprecated, whatever it was before."""
    found = current(connection, identity=identity)
    if found and found[0].version == wanted:
        return found[0]
    query = select(instruction_versions.c.body).where(
        instruction_versions.c.id == identity, instruction_versions.c.version == wanted
    )
    body = connection.execute(query).scalar()
    return _instruction(body, InstructionState.DEPRECATED) if body else None


def history(connection: Connection, identity: str) -> list[InstructionVersion]:
    """Every version, oldest first."""
    now = current(connection, identity=identity)
    query = (
        select(instruction_versions).where(instruction_versions.c.id == identity).order_by(instruction_versions.c.at)
    )
    return [
        InstructionVersion(
            id=identity,
            version=row.version,
            title=_instruction(row.body, InstructionState.DRAFT).title,
            at=datetime.fromisoformat(row.at),
            author=row.author,
            current=bool(now) and now[0].version == row.version,
        )
        for row in connection.execute(query)
    ]


def _instruction(body: str, state: InstructionState) -> Instruction:
    return Instruction.model_validate_json(body).model_copy(update={"state": state})


def _claim(connection: Connection, change: Change) -> None:
    """Put the change in place of exactly the version it was decided upon."""
    at_before = (instructions.c.id == change.id) & (instructions.c.version == change.before)
    if not change.before:
        taken = connection.execute(select(instructions.c.id).where(instructions.c.id == change.id)).first()
        claimed = taken is None and change.after is not None
        if claimed and change.after is not None:
            connection.execute(insert(instructions).values(id=change.id, **_columns(change.after)))
    elif change.after is None:
        claimed = connection.execute(delete(instructions).where(at_before)).rowcount == 1
    else:
        claimed = (
            connection.execute(update(instructions).where(at_before).values(**_columns(change.after))).rowcount == 1
        )
    if not claimed:
        raise UsageError(
            f"The instruction {change.id} has been changed by someone else meanwhile.",
            world="The library is as they left it.",
            mend="Look at it again and repeat the change.",
        )


def _columns(instruction: Instruction) -> dict[str, str]:
    return {
        "version": instruction.version,
        "platform": instruction.platform.value,
        "state": instruction.state.value,
    }


def _keep_version(connection: Connection, instruction: Instruction, author: str, at: datetime) -> None:
    same = (instruction_versions.c.id == instruction.id) & (instruction_versions.c.version == instruction.version)
    if connection.execute(select(instruction_versions.c.id).where(same)).first() is None:
        body = instruction.model_dump_json(exclude={"state"})
        row = {"id": instruction.id, "version": instruction.version, "body": body, "at": at.isoformat()}
        connection.execute(insert(instruction_versions).values(**row, author=author))
