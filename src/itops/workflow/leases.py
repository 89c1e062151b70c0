"""Which processes live: only the tasks of a dead one are taken over.

On one machine the kernel is asked for a process, so that a killed worker is seen at once and a stopped one is not taken
for dead; across machines, and across containers, the lease's time decides.
"""

import os
import time
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, text, update

from itops.storage.database import Database
from itops.storage.tables import leases


def boot_id() -> str:
    """This boot of this machine, as far as its processes see each other: those of two containers don't."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def started_at(pid: int) -> str:
    """When the process started (clock ticks since boot), empty where there is none: a reused pid differs in it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


class Leases:
    """The lease of this process, and the question which others live."""

    def __init__(self, database: Database, executor: str, *, seconds: float) -> None:
        self._database = database
        self._executor = executor
        self._seconds = seconds

    def take(self) -> None:
        """Say that this process lives."""
        row = {
            "executor": self._executor,
            "boot": boot_id(),
            "pid": os.getpid(),
            "started": started_at(os.getpid()),
            "expires_at": time.time() + self._seconds,
        }
        self._database.run_here(lambda connection: connection.execute(insert(leases).values(row)))

    def renew(self) -> None:
        """Say so again."""
        own = update(leases).where(leases.c.executor == self._executor)
        renewed = own.values(expires_at=time.time() + self._seconds)
        self._database.run_here(lambda connection: connection.execute(renewed))

    def give_back(self) -> None:
        """Say that this process ends: others may take its tasks at once."""
        own = delete(leases).where(leases.c.executor == self._executor)
        self._database.run_here(lambda connection: connection.execute(own))

    def living(self, connection: Connection) -> set[str]:
        """The executors that live; leases of dead ones are swept away."""
        rows = connection.execute(select(leases)).all()
        dead = [row.executor for row in rows if not _lives(row.boot, row.pid, row.started, row.expires_at)]
        if dead:
            connection.execute(delete(leases).where(leases.c.executor.in_(dead)))
        return {row.executor for row in rows if row.executor not in dead}


def _lives(boot: str, pid: int, started: str, expires_at: float) -> bool:
    if boot and boot == boot_id():
        return started_at(pid) == started
    return time.time() < expires_at


def lock_takeover(connection: Connection) -> None:
    """Hold off every other process that would take tasks over, until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7110431)"))
    else:
        connection.execute(delete(leases).where(leases.c.executor == ""))  # a write: SQLite has one writer at a time
