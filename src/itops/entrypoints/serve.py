"""``itops serve``: the chat page for the person who starts it, on this machine."""

import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from itops.bootstrap import House
from itops.entrypoints.authentication import Sessions
from itops.entrypoints.chat import Chat
from itops.entrypoints.screen import About
from itops.entrypoints.session import in_session, local_person
from itops.errors import ItOpsError, ItOpsUnavailable, UsageError

if TYPE_CHECKING:
    import uvicorn

_LAST_PORT: Final = 65535
_SHUTDOWN_SECONDS: Final = 3


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


async def _serve(house: House) -> None:
    listener = listen(house.settings.host, house.settings.port)
    with listener:
        await ready(house)
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        chat = Chat(house.app, house.journal, person=local_person())
        background = [asyncio.create_task(house.app.work()), asyncio.create_task(_warm(house))]
        try:
            await _run(_server(house, chat, address, port), listener, stop=chat.close)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
