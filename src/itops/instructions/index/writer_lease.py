"""One writer at a time across machines: a row of the database that its holder goes on renewing."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import IntegrityError

from itops.errors import StoreError
from itops.instructions.change_log import state_value
from itops.storage.database import Database
from itops.storage.tables import library_state

_CLOCKS_DIFFER_SECONDS: Final = 60.0
_RENEWALS: Final = 3


class WriterLease:
    """The right to write what machines share. Who dies with it loses it ``seconds`` later, whatever clocks say.

    A holder whose machine slept may find that it lost the right meanwhile: it has to look before it makes its work
    count.
    """

    def __init__(
        self,
        database: Database,
        *,
        name: str = "index-writer",
        seconds: float = 30.0,
        wait_seconds: float = 900.0,
        poll_seconds: float = 0.05,
    ) -> None:
        self._database = database
        self._name = name
        self._seconds = seconds
        self._wait_seconds = wait_seconds
        self._poll_seconds = poll_seconds

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the right, and hold it until the end of the block.

        Raises:
            StoreError: another holds it for longer than ``wait_seconds``, or the database refuses.
        """
        owner = secrets.token_hex(8)
        value = self._take(owner)
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(owner, value, done), name="itops-writer", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()

    def _take(self, owner: str) -> str:
        deadline = time.monotonic() + self._wait_seconds
        seen, since = "", time.monotonic()
        while True:
            standing = self._database.read_here(lambda one: state_value(one, self._name))
            if standing != seen:
                seen, since = standing, time.monotonic()
            if not standing or _ran_out(standing) or time.monotonic() - since > self._seconds:
                value = self._value(owner)
                if self._replace(standing, value):
                    return value
            if time.monotonic() > deadline:
                raise StoreError(
                    f"Another process has been writing the search index for {self._wait_seconds:g} seconds.",
                    world="The instructions themselves are as they were; the index is as that process left it.",
                    mend="Wait for it, or look what it waits for; when it ends, the right to write is free again.",
                )
            time.sleep(self._poll_seconds)

    def _renew(self, owner: str, value: str, done: threading.Event) -> None:
        """Keep the right until done, then give it back; who lost it leaves the new holder alone."""
        while not done.wait(self._seconds / _RENEWALS):
            fresh = self._value(owner)
            with suppress(StoreError):
                if not self._replace(value, fresh):
                    return
                value = fresh
        mine = (library_state.c.key == self._name) & (library_state.c.value == value)
        with suppress(StoreError):
            self._database.run_here(lambda one: one.execute(delete(library_state).where(mine)))

    def _replace(self, old: str, new: str) -> bool:
        return self._database.run_here(lambda one: _replace(one, self._name, old, new))

    def _value(self, owner: str) -> str:
        return f"{owner} {time.time() + self._seconds:.6f}"


def _ran_out(value: str) -> bool:
    """Whether it ran out so long ago that no difference between two machines' clocks explains it."""
    return float(value.partition(" ")[2]) < time.time() - _CLOCKS_DIFFER_SECONDS


def _replace(connection: Connection, name: str, old: str, new: str) -> bool:
    """Put ``new`` where ``old`` still stands; nothing stands where it is empty."""
    if old:
        standing = (library_state.c.key == name) & (library_state.c.value == old)
        return connection.execute(update(library_state).where(standing).values(value=new)).rowcount == 1
    try:
        with connection.begin_nested():
            connection.execute(insert(library_state).values(key=name, value=new))
    except IntegrityError:
        return False
    return True
