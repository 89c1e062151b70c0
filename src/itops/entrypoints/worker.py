"""``itops worker``: a process that only works."""

import asyncio
import contextlib
import signal

from itops.bootstrap import House
from itops.entrypoints.session import in_session
from itops.entrypoints.terminal import say


def work() -> None:
    """Take over what dead processes leave, until told to stop (Ctrl-C or SIGTERM)."""
    with contextlib.suppress(KeyboardInterrupt):
        in_session(_until_stopped)


async def _until_stopped(house: House) -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(house.app.work())
    loop.add_signal_handler(signal.SIGTERM, working.cancel)
    say("Working. Ctrl-C stops; what waits goes on waiting.")
    with contextlib.suppress(asyncio.CancelledError):
        await working
