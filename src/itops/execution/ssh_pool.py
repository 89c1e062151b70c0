"""Connections that stay open between commands. All of them live in one thread's loop, whoever asks for them."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from itops.domain.connection import Connection
from itops.errors import TargetUnreachable
from itops.execution.ssh_login import CLOSED_EARLY, SSH_PORT, KnownHosts, login_options, why_unreachable

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")
OWN_KNOWN_HOSTS: Final = "~/.ssh/known_hosts"
SESSIONS: Final = 8
_HANDSHAKES: Final = 3


@dataclass(frozen=True)
class Patience:
    """In seconds: for a login, between two signs of life, and until an unused connection is closed."""

    login: float = 20.0
    keepalive: float = 5.0
    idle: float = 600.0


class LoopThread:
    """An event loop in a thread of its own, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, which runs."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="itops-ssh", daemon=True).start()
            return self._loop

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result; a caller that is cancelled cancels the work."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))


@dataclass
class _Line:
    """One connection, or the attempt to make it."""

    opening: "asyncio.Task[asyncssh.SSHClientConnection]"
    places: asyncio.Semaphore
    users: int = 0
    closing: asyncio.TimerHandle | None = None
    hop: "contextlib.AsyncExitStack" = field(default_factory=contextlib.AsyncExitStack)

    def is_gone(self) -> bool:
        """Whether it can't be used any more."""
        if not self.opening.done():
            return False
        return self.opening.cancelled() or bool(self.opening.exception()) or self.opening.result().is_closed()


class Pool:
    """The open connections. Use it in its loop alone.

    Args:
        password: Resolves the name of a secret to log in with.
        patience: How long to wait, and for what.
    """

    def __init__(self, password: Callable[[str], Awaitable[str]], patience: Patience) -> None:
        self._password, self._patience = password, patience
        self._lines: dict[str, _Line] = {}
        self._known: dict[Path, KnownHosts] = {}

    @contextlib.asynccontextmanager
    async def link(self, connection: Connection) -> "AsyncIterator[asyncssh.SSHClientConnection]":
        """An open connection, for as long as it is used.

        Raises:
            TargetUnreachable: it can't be made. Nothing ran.
        """
        line = self._line(connection)
        line.users += 1
        try:
            yield await asyncio.shield(line.opening)
        finally:
            line.users -= 1
            self._rest(connection, line)

    @contextlib.asynccontextmanager
    async def place(self, connection: Connection) -> "AsyncIterator[asyncssh.SSHClientConnection]":
        """The same, waiting for one of the few sessions that servers allow on a connection."""
        async with self.link(connection) as link:
            line = self._lines.get(_key(connection))
            async with line.places if line else contextlib.nullcontext():
                yield link

    async def close(self) -> None:
        """Close every connection."""
        for key in [*self._lines]:
            await self._end(key, self._lines[key])

    def _line(self, connection: Connection) -> _Line:
        key = _key(connection)
        line = self._lines.get(key)
        if line is None or line.is_gone():
            stack = contextlib.AsyncExitStack()
            opening = asyncio.ensure_future(self._open(connection, stack))
            opening.add_done_callback(lambda done: done.cancelled() or done.exception())
            line = self._lines[key] = _Line(opening, asyncio.Semaphore(SESSIONS), hop=stack)
        if line.closing:
            line.closing.cancel()
            line.closing = None
        return line

    def _rest(self, connection: Connection, line: _Line) -> None:
        if line.users == 0:
            wait = 0.0 if line.is_gone() else self._patience.idle
            loop, key = asyncio.get_running_loop(), _key(connection)
            line.closing = loop.call_later(wait, lambda: loop.create_task(self._end(key, line)))

    async def _end(self, key: str, line: _Line) -> None:
        if self._lines.get(key) is line:
            del self._lines[key]
        if line.opening.done() and not line.opening.cancelled() and not line.opening.exception():
            line.opening.result().abort() if line.is_gone() else line.opening.result().close()
        else:
            line.opening.cancel()
        await line.hop.aclose()

    def _known_hosts(self, connection: Connection) -> KnownHosts:
        path = Path(connection.known_hosts or OWN_KNOWN_HOSTS).expanduser()
        return self._known.setdefault(path, KnownHosts(path))

    async def _open(self, connection: Connection, stack: contextlib.AsyncExitStack) -> "asyncssh.SSHClientConnection":
        tunnel = None
        if connection.via:
            *before, last = connection.via
            bastion = last.model_copy(update={"via": (*before, *last.via)})
            tunnel = await stack.enter_async_context(self.link(bastion))
        known = self._known_hosts(connection)
        password = await self._password(connection.password) if connection.password else ""
        for left in reversed(range(_HANDSHAKES)):
            try:
                return await self._handshake(connection, known, password, tunnel)
            except TargetUnreachable as error:
                if not left or CLOSED_EARLY not in error.what:
                    raise
                await asyncio.sleep(0.5 * (_HANDSHAKES - left))
        raise AssertionError

    async def _handshake(
        self,
        connection: Connection,
        known: KnownHosts,
        password: str,
        tunnel: "asyncssh.SSHClientConnection | None",
    ) -> "asyncssh.SSHClientConnection":
        import asyncssh

        patience = self._patience
        try:
            return await asyncssh.connect(
                connection.host,
                connection.port or SSH_PORT,
                tunnel=tunnel or (),
                connect_timeout=patience.login,
                login_timeout=patience.login,
                keepalive_interval=patience.keepalive,
                keepalive_count_max=3,
                **login_options(connection, known, password),
            )
        except (asyncssh.Error, OSError, ValueError) as error:
            raise why_unreachable(error, connection, known, patience.login) from error


def _key(connection: Connection) -> str:
    return connection.model_dump_json()
