"""``itops serve``: the chat page for the person who starts it, on this machine."""

import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from itops.bootstrap import House
from itops.entrypoints.authentication import Guard, Sessions
from itops.entrypoints.chat import Chat
from itops.entrypoints.screen import About
from itops.entrypoints.session import in_session, local_person
from itops.errors import ItOpsError, ItOpsUnavailable, UsageError

if TYPE_CHECKING:
    import uvicorn

_LAST_PORT: Final = 65535
_SHUTDOWN_SECONDS: Final = 3
_LOOK_SECONDS: Final = 0.02


def serve_page(*, host: str, port: int) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    Args:
        host: The address to bind; empty for the setting.
        port: The port to bind; 0 for a free one, -1 for the setting.

    Raises:
        UsageError: the address is open to other machines, or there is no such port.
        ItOpsUnavailable: the port is taken, or itops can't work.
    """
    flags: dict[str, object] = {}
    if host:
        flags["host"] = host
    if port != -1:
        flags["port"] = port
    in_session(_serve, **flags)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on an address of this machine alone.

    Raises:
        UsageError: the address is open to other machines, or there is no such port.
        ItOpsUnavailable: the port is taken.
    """
    if not _is_local(host):
        raise UsageError(
            f"{host!r} is open to other machines; the page is for this machine alone.",
            world="Nothing was started.",
            mend="Take --host 127.0.0.1; from elsewhere reach it through `ssh -L 7860:127.0.0.1:7860`.",
        )
    if not 0 <= port <= _LAST_PORT:
        raise UsageError(f"There is no port {port}.", world="Nothing was started.", mend="Take one up to 65535, or 0.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ItOpsUnavailable(
            f"Port {port} on {host} can't be had: {error.strerror}.",
            world="Nothing was started.",
            mend="Another `itops serve` may have it. End that one, or take --port 0 for a free port.",
        ) from error


async def ready(house: House) -> None:
    """Database, journal and policy answer.

    Raises:
        ItOpsError: one of them does not.
    """
    await asyncio.to_thread(lambda: house.policy.version)
    await house.journal.read(newest=1)


async def _serve(house: House) -> None:
    with listen(house.settings.host, house.settings.port) as listener:
        await ready(house)
        chat = Chat(house.app, house.journal, person=local_person())
        background = [asyncio.create_task(house.app.work()), asyncio.create_task(_warm(house))]
        for task in background:
            task.add_done_callback(_say_why)
        try:
            await _run(house, chat, listener)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)


async def _run(house: House, chat: Chat, listener: socket.socket) -> None:
    import uvicorn

    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    sessions = Sessions()

    def next_link() -> None:
        _say(f"The link was used. For another browser: {address}/?token={sessions.new_token()}")

    app = _web_app(house, chat, sessions, port=port, opened=next_link)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]  # else it ends by the signal
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    _on_end(server, chat)
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn says it in a flag alone
        await asyncio.sleep(_LOOK_SECONDS)
    if server.started:
        _say(f"itops is at {address}/?token={sessions.new_token()}")
        _say("The link opens the page once, in one browser. Ctrl-C ends; what waits goes on waiting.")
    await serving


def _web_app(house: House, chat: Chat, sessions: Sessions, *, port: int, opened: Callable[[], None]) -> Guard:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
    from itops.entrypoints.web_app import create_web_app

    about = About(
        agent=house.default_agent,
        model=house.settings.llm,
        person=chat.person.name or chat.person.id,
        machine=socket.gethostname(),
    )
    return create_web_app(
        chat,
        about,
        sessions,
        ready=lambda: ready(house),
        cookie=f"itops_{port}",
        names=(house.settings.host,),
        opened=opened,
    )


def _on_end(server: "uvicorn.Server", chat: Chat) -> None:
    def end() -> None:
        server.should_exit = True
        chat.close()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)


def _say_why(task: asyncio.Task[None]) -> None:
    """A background task that fails must not do so in silence."""
    if not task.cancelled() and task.exception():
        asyncio.get_running_loop().call_exception_handler(
            {"message": "Background work of `itops serve` failed.", "exception": task.exception(), "task": task}
        )


async def _warm(house: House) -> None:
    """Index the library before the first task needs it; what fails here the task will say in its place."""
    with contextlib.suppress(ItOpsError):
        await house.filled_library()


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
