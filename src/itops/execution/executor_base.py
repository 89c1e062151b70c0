"""The port of all running: takes an approved script, gives a result."""

import asyncio
from typing import Protocol

from itops.domain.approval import ApprovedScript
from itops.domain.result import Result
from itops.domain.sandbox import Sandbox
from itops.domain.target import Target


class Executor(Protocol):
    """Runs an approved script on one of its targets, at most once for an attempt id.

    Called again with the same attempt id it reattaches: it waits for the command that runs, or reads the result that
    is there, and never starts a second one.

    A command that fails is a ``Result``. A target that is not reached is a ``Result`` with state ``unreachable``
    (nothing ran); an outcome that can't be known is a ``Result`` with state ``unknown``.

    Raises:
        StoreError: the attempt can't be recorded; nothing ran.
    """

    async def run(self, approved: ApprovedScript, target: Target, *, attempt: str, stop: asyncio.Event) -> Result:
        """Run, or reattach. When ``stop`` is set the command gets TERM, then KILL; the result is ``cancelled``."""
        ...

    def confines(self, sandbox: Sandbox) -> bool:
        """Whether it can confine a script so; then it does, wherever a verdict says it, or runs nothing."""
        ...

    async def started(self, attempt: str) -> bool:
        """Whether the attempt was started here: its command ran, runs, or may have run."""
        ...

    async def forget(self, attempt: str) -> None:
        """Remove what the attempt left behind, once its result is recorded elsewhere."""
        ...
