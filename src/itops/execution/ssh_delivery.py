"""One attempt on its way to its target and back, over as many connections as that takes."""

import asyncio
import itertools
import time
from typing import TYPE_CHECKING, Final

from itops.domain.connection import Connection
from itops.domain.target import Target
from itops.errors import TargetUnreachable
from itops.execution.remote_attempts import Answer, RemoteOrder, inquiry
from itops.execution.sent_marks import Mark, SentMarks
from itops.execution.ssh_channel import BadAnswerError, LinkLostError, NotSentError, converse
from itops.execution.ssh_pool import Pool

if TYPE_CHECKING:
    import asyncssh

_PAUSES: Final = (0.1, 0.5, 1.0, 2.0)
_REFUSALS: Final = 4


class Delivery:
    """Sends an attempt until there is an answer.

    Whoever comes second there waits for the first and reads its result, so it may be sent again.

    Args:
        pool: The connections.
        marks: Where it is remembered that it was sent.
        connection: How the target is reached.
        target: Where it goes.
        order: What goes there.
        reattach_seconds: How long to go on trying once it may have run.
    """

    def __init__(
        self,
        pool: Pool,
        marks: SentMarks,
        connection: Connection,
        target: Target,
        order: RemoteOrder,
        reattach_seconds: float,
    ) -> None:
        self._pool, self._marks, self._connection = pool, marks, connection
        self._target, self._order, self._reattach = target, order, reattach_seconds
        self._mark: Mark | None = None
        self._is_stopped = False
        self._stopping: asyncio.Event | None = None
        self.may_have_run = False

    def stop(self) -> None:
        """See that it ends, or never starts. Call it in the connections' loop."""
        self._is_stopped = True
        if self._stopping:
            self._stopping.set()

    async def answer(self, mark: Mark | None) -> Answer:
        """What the far side says in the end.

        Raises:
            TargetUnreachable: it says nothing; ``may_have_run`` says what that means.
        """
        self._mark, self.may_have_run = mark, mark is not None
        self._stopping = asyncio.Event()
        if self._is_stopped:
            self._stopping.set()
        refusals, give_up = 0, time.monotonic() + self._reattach
        for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
            try:
                async with self._pool.place(self._connection) as link:
                    give_up = time.monotonic() + self._reattach
                    return await self._over(link)
            except TargetUnreachable:
                if not self.may_have_run or time.monotonic() > give_up:
                    raise
            except NotSentError as error:
                refusals += 1
                self._check_refusals(refusals, f"takes no command: {error}")
            except BadAnswerError as error:
                refusals += 1 if error.has_begun else _REFUSALS
                self._check_refusals(refusals, f"answers as no POSIX shell does: {error}")
            except LinkLostError:
                self.may_have_run = True
            await asyncio.sleep(pause)
        raise AssertionError

    def _check_refusals(self, refusals: int, what: str) -> None:
        if refusals >= _REFUSALS:
            raise TargetUnreachable(f"{self._target.name} {what}.")

    async def _over(self, link: "asyncssh.SSHClientConnection") -> Answer:
        """Its answer over this link."""
        if self._is_stopped and not self.may_have_run:
            return Answer(("void", "stopped"))
        if self._mark is None:
            order = self._order
            self._mark = await asyncio.to_thread(self._marks.set, order.attempt, self._target, order.digest)
        talks = [asyncio.ensure_future(self._talk(link))]
        stopping = asyncio.ensure_future(self._stopping.wait()) if self._stopping else None
        try:
            await asyncio.wait({talks[0], *([stopping] if stopping else [])}, return_when=asyncio.FIRST_COMPLETED)
            if not talks[0].done():
                talks.append(asyncio.ensure_future(self._talk(link)))
                await asyncio.wait(talks, return_when=asyncio.FIRST_COMPLETED)
            return await next(talk for talk in talks if talk.done())
        finally:
            for future in (*talks, *([stopping] if stopping else [])):
                future.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, link: "asyncssh.SSHClientConnection") -> Answer:
        age = time.time() - self._mark.at if self._mark and self.may_have_run else 0.0
        try:
            return await converse(link, inquiry(self._order, "void" if self._is_stopped else "run", age_seconds=age))
        except BadAnswerError as error:
            self.may_have_run = self.may_have_run or error.has_begun
            raise
