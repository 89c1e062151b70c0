"""Which files of a folder a sync has taken in, so that the next one reads only what has changed.

Functions on an open connection; their caller holds the transaction.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from itops.instructions.runbooks.runbook_loader import SeenFile
from itops.storage.tables import instruction_sources


def seen_in(connection: Connection, folder: str) -> dict[str, SeenFile]:
    """The files of a folder, by path."""
    found = connection.execute(select(instruction_sources).where(instruction_sources.c.folder == folder))
    return {row.path: SeenFile(row.path, row.digest, row.id, row.version) for row in found}


def keep_seen(connection: Connection, folder: str, before: Mapping[str, SeenFile], now: Iterable[SeenFile]) -> None:
    """Remember the files as they are now; what is as before is left alone."""
    kept = {one.path: one for one in now}
    stale = [path for path, one in before.items() if kept.get(path) != one]
    of_folder = instruction_sources.c.folder == folder
    for path in stale:
        connection.execute(delete(instruction_sources).where(of_folder & (instruction_sources.c.path == path)))
    new = [one for path, one in kept.items() if before.get(path) != one]
    if new:
        rows = [
            {"folder": folder, "path": one.path, "digest": one.digest, "id": one.id, "version": one.version}
            for one in new
        ]
        connection.execute(insert(instruction_sources), rows)
