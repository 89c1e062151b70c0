"""The library's tables: what is true of it. Functions on an open connection; their caller holds the transaction."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from itops.domain.instruction import Instruction, InstructionState
from itops.domain.noun import Noun
from itops.domain.target import Platform
from itops.errors import UsageError
from itops.instructions.change_log import Logged, begin_generation
from itops.storage.tables import instruction_versions, instructions

Key = TypeVar("Key")
ChangeKind: TypeAlias = Literal["added", "edited", "published", "deprecated", "removed"]

_MANY: Final = 400
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


@dataclass(frozen=True)
class Published:
    """A published instruction with its version, which would cost time to work out anew."""

    version: str
    instruction: Instruction


def write(connection: Connection, changes: Sequence[Change], *, author: str, at: datetime) -> None:
    """Apply the changes and begin a new generation.

    Raises:
        UsageError: an instruction has been changed by someone else meanwhile; nothing is changed.
    """
    changes = sorted(changes, key=lambda change: change.id)  # two who change the same wait for each other in one order
    _claim_new(connection, [change.after for change in changes if not change.before and change.after])
    for change in changes:
        if change.before or change.after is None:
            _claim(connection, change)
    _keep_versions(connection, [change.after for change in changes if change.after], author, at)
    logged = [Logged(one.id, one.before, one.after.version if one.after else "") for one in changes]
    begin_generation(connection, logged)


def touch(connection: Connection, ids: Collection[str]) -> None:
    """Begin a new generation in which these instructions are looked at anew, though their versions stay."""
    versions = (
        row
        for chunk in _chunks(set(ids))
        for row in connection.execute(
            select(instructions.c.id, instructions.c.version).where(instructions.c.id.in_(chunk))
        )
    )
    begin_generation(connection, [Logged(row.id, row.version, row.version) for row in versions])


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


def published(connection: Connection, ids: Collection[str] | None = None) -> Iterator[Published]:
    """The published instructions; all of them, or those with these ids."""
    columns = (instruction_versions.c.version, instruction_versions.c.body)
    query = select(*columns).join_from(instructions, instruction_versions, _SAME_VERSION)
    query = query.where(instructions.c.state == InstructionState.PUBLISHED.value)
    parts = [query] if ids is None else [query.where(instructions.c.id.in_(chunk)) for chunk in _chunks(ids)]
    for part in parts:
        for row in connection.execute(part):
            yield Published(row.version, _instruction(row.body, InstructionState.PUBLISHED))


def versions(connection: Connection, wanted: Collection[tuple[str, str]]) -> Iterator[Published]:
    """These versions, by id and version, as far as they are known, as if they were published."""
    columns = (instruction_versions.c.version, instruction_versions.c.body)
    for chunk in _chunks(wanted):
        for row in connection.execute(select(*columns).where(_are_among(chunk))):
            yield Published(row.version, _instruction(row.body, InstructionState.PUBLISHED))


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


def _claim_new(connection: Connection, new: Sequence[Instruction]) -> None:
    for chunk in _chunks([one.id for one in new]):
        taken = connection.execute(select(instructions.c.id).where(instructions.c.id.in_(chunk))).first()
        if taken:
            raise _changed_meanwhile(taken.id)
    if new:
        connection.execute(insert(instructions), [{"id": one.id, **_columns(one)} for one in new])


def _claim(connection: Connection, change: Change) -> None:
    """Put the change in place of exactly the version it was decided upon."""
    at_before = (instructions.c.id == change.id) & (instructions.c.version == change.before)
    if change.after is None:
        claimed = connection.execute(delete(instructions).where(at_before))
    else:
        claimed = connection.execute(update(instructions).where(at_before).values(**_columns(change.after)))
    if claimed.rowcount != 1:
        raise _changed_meanwhile(change.id)


def _changed_meanwhile(identity: str) -> UsageError:
    return UsageError(
        f"The instruction {identity} has been changed by someone else meanwhile.",
        world="The library is as they left it.",
        mend="Look at it again and repeat the change.",
    )


def _columns(instruction: Instruction) -> dict[str, str]:
    return {
        "version": instruction.version,
        "platform": instruction.platform.value,
        "state": instruction.state.value,
    }


def _keep_versions(connection: Connection, kept: Sequence[Instruction], author: str, at: datetime) -> None:
    new = {(one.id, one.version): one for one in kept}
    for chunk in _chunks(list(new)):
        query = select(instruction_versions.c.id, instruction_versions.c.version).where(_are_among(chunk))
        for known in connection.execute(query).all():
            new.pop((known.id, known.version), None)
    rows = [
        {"id": identity, "version": name, "body": one.model_dump_json(exclude={"state"})}
        for (identity, name), one in new.items()
    ]
    if rows:
        connection.execute(
            insert(instruction_versions), [{**row, "at": at.isoformat(), "author": author} for row in rows]
        )


def _are_among(keys: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """Ids and versions apart: SQLite finds no index for pairs. A content hash is never that of another instruction."""
    ids, found = zip(*keys, strict=True)
    return instruction_versions.c.id.in_(ids) & instruction_versions.c.version.in_(found)


def _chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    """The keys, as many at a time as one statement takes."""
    found = list(keys)
    for start in range(0, len(found), _MANY):
        yield found[start : start + _MANY]
