"""One conversation with the far side: a text goes there, two streams come back."""

import asyncio
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from itops.execution.remote_attempts import COMMAND, Answer, Inquiry, read_answer

if TYPE_CHECKING:
    import asyncssh


class NotSentError(Exception):
    """The far side opened no channel: it has nothing of what was to be sent."""


class LinkLostError(Exception):
    """The link went while they talked: the far side may have all of it, or a part, or nothing."""


class BadAnswerError(Exception):
    """The far side took the text and answered something else.

    Args:
        said: What it said.
        has_begun: Whether a shell began to read the text; where none did, nothing ran.
    """

    def __init__(self, said: str, *, has_begun: bool) -> None:
        super().__init__(said or "nothing")
        self.has_begun = has_begun


CONVERSATION_ERRORS: Final = (NotSentError, LinkLostError, BadAnswerError)


async def converse(link: "asyncssh.SSHClientConnection", inquiry: Inquiry) -> Answer:
    """Send a text to a shell on the far side and wait for its answer.

    Raises:
        NotSentError: nothing was sent.
        LinkLostError: it is not known what came there.
        BadAnswerError: there is no POSIX shell, or it was stopped before it could say anything.
    """
    import asyncssh
    from asyncssh.constants import EXTENDED_DATA_STDERR

    heard = _heard_type()(inquiry.most_bytes)
    try:
        channel, _ = await link.create_session(lambda: heard, COMMAND, encoding=None)
    except (asyncssh.Error, OSError) as error:
        raise NotSentError(str(error)) from error
    try:
        channel.write(inquiry.text)
        channel.write_eof()
        is_whole = await heard.ended
    except OSError as error:
        raise LinkLostError(str(error)) from error
    finally:
        if not heard.is_closed:
            channel.abort()
    if heard.is_too_much:
        raise BadAnswerError("more than it was told to keep", has_begun=True)
    if not is_whole:
        raise LinkLostError("the link was lost, or the shell there was killed")
    return _answer(inquiry, b"".join(heard.pieces[None]), b"".join(heard.pieces[EXTENDED_DATA_STDERR]))


def _answer(inquiry: Inquiry, out: bytes, err: bytes) -> Answer:
    answer = read_answer(inquiry.nonce, out, err)
    if answer is None:
        said = (err or out)[:200].decode(errors="replace").strip()
        raise BadAnswerError(said, has_begun=inquiry.nonce.encode() in out)
    return answer


@functools.cache
def _heard_type() -> "Callable[[int], Any]":
    """What collects what comes; a class of a library that is imported when first needed."""
    import asyncssh
    from asyncssh.constants import EXTENDED_DATA_STDERR

    class Heard(asyncssh.SSHClientSession[bytes]):
        """Both streams, until the channel is closed."""

        def __init__(self, most_bytes: int) -> None:
            self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self.pieces: dict[int | None, list[bytes]] = {None: [], EXTENDED_DATA_STDERR: []}
            self.is_closed = self.has_status = self.is_too_much = False
            self._size, self._most_bytes = 0, most_bytes

        def data_received(self, data: bytes, datatype: int | None) -> None:
            self._size += len(data)
            self.is_too_much = self._size > self._most_bytes
            if self.is_too_much:
                self._end(is_whole=False)
            else:
                self.pieces[datatype].append(data)

        def exit_status_received(self, status: int) -> None:  # noqa: ARG002 - asyncssh's own signature
            self.has_status = True

        def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:  # noqa: ARG002, FBT001 - asyncssh's own signature
            self._end(is_whole=False)

        def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's own signature
            self.is_closed = True
            self._end(is_whole=self.has_status)

        def _end(self, *, is_whole: bool) -> None:
            if not self.ended.done():
                self.ended.set_result(is_whole)

    return Heard
