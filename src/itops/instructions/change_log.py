"""The library's generations: each is a set of changes, numbered, so that who knows one can catch up with the latest.

Functions on an open connection; their caller holds the transaction.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, insert, select, text, update

from itops.storage.tables import instruction_changes, library_state

_GENERATION: Final = "generation"
_LOCK: Final = 0x6974_6F72
_FORM: Final = re.compile(r"(\d{1,9})-([0-9a-f]{8})")


@dataclass(frozen=True)
class Logged:
    """One instruction's change: the versions before and after it; empty where none stood or stands."""

    id: str
    before: str
    after: str


def generation(connection: Connection) -> str:
    """The name of the library's present state; empty before its first change."""
    return state_value(connection, _GENERATION)


def begin_generation(connection: Connection, changes: Iterable[Logged]) -> str:
    """Number the changes as one generation, the next.

    Its name holds a token, because numbers are used again where a database comes back from a backup.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.execute(select(func.max(instruction_changes.c.revision))).scalar() or 0
    revision, token = last + 1, secrets.token_hex(4)
    rows = [
        {"revision": revision, "id": one.id, "before": one.before, "after": one.after, "token": token}
        for one in changes
    ]
    if rows:
        connection.execute(insert(instruction_changes), rows)
    name = f"{revision}-{token}"
    put_state(connection, _GENERATION, name)
    return name


def changed_since(connection: Connection, known: str) -> list[Logged] | None:
    """Every change after a generation, oldest first; None where this library never was in that generation."""
    form = _FORM.fullmatch(known)
    if form is None:
        return None
    revision, token = int(form[1]), form[2]
    of_known = (instruction_changes.c.revision == revision) & (instruction_changes.c.token == token)
    if connection.execute(select(instruction_changes.c.id).where(of_known).limit(1)).first() is None:
        return None
    query = (
        select(instruction_changes)
        .where(instruction_changes.c.revision > revision)
        .order_by(instruction_changes.c.revision)
    )
    return [Logged(row.id, row.before, row.after) for row in connection.execute(query)]


def state_value(connection: Connection, key: str) -> str:
    """A remembered value; empty where none is."""
    found = connection.execute(select(library_state.c.value).where(library_state.c.key == key)).scalar()
    return found or ""


def put_state(connection: Connection, key: str, value: str) -> None:
    """Remember a value."""
    changed = connection.execute(update(library_state).where(library_state.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(library_state).values(key=key, value=value))
