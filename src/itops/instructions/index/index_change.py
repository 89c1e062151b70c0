"""What brings the search index from a generation that it holds to the library's present one."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from itops.domain.instruction import Instruction
from itops.domain.target import Platform
from itops.instructions import change_log, records
from itops.instructions.index.instruction_store import IndexChange
from itops.instructions.search.library import rows


def index_change(connection: Connection, known: str, *, named: Callable[[str], str]) -> IndexChange:
    """The change from generation ``known``; a whole one where the library never was in that generation."""
    generation = named(change_log.generation(connection))
    logged = change_log.changed_since(connection, known)
    if logged is None:
        return IndexChange(
            generation, put=_by_platform(one.instruction for one in records.published(connection)), is_whole=True
        )
    changed = {one.id for one in logged}
    put = _by_platform(one.instruction for one in records.published(connection, changed))
    seen = {(one.id, version) for one in logged for version in (one.before, one.after) if version}
    drop = _by_platform(one.instruction for one in records.versions(connection, seen))
    return IndexChange(
        generation,
        put=put,
        drop={platform: found.keys() - put.get(platform, {}).keys() for platform, found in drop.items()},
    )


def _by_platform(instructions: Iterable[Instruction]) -> dict[Platform, dict[str, str]]:
    found: dict[Platform, dict[str, str]] = {}
    for one in instructions:
        found.setdefault(one.platform, {}).update(rows(one))
    return found
