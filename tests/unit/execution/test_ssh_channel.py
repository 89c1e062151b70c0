import asyncio
from pathlib import Path

import asyncssh
import pytest

from itops.domain.script import Limits
from itops.execution.remote_attempts import RemoteOrder, inquiry
from itops.execution.ssh_channel import BadAnswerError, LinkLostError, NotSentError, converse
from itops.testing.ssh_server import SshServer, serving

ORDER = RemoteOrder("t-1-1-x", "d", "bash", "echo hi", Limits())


async def link_to(server: SshServer) -> asyncssh.SSHClientConnection:
    reached = server.connection
    return await asyncssh.connect(
        reached.host,
        reached.port,
        username=reached.user,
        client_keys=[*reached.key_files],
        known_hosts=reached.known_hosts,
        config=[],
    )


async def test_an_answer(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        async with await link_to(server) as link:
            answer = await converse(link, inquiry(ORDER, "run"))
    assert answer.words[:3] == ("outcome", "exited", "0")
    assert answer.stdout == b"hi\n"


async def test_a_shell_that_is_none(tmp_path: Path) -> None:
    with serving(tmp_path, more="ForceCommand echo go away >&2") as server:
        async with await link_to(server) as link:
            with pytest.raises(BadAnswerError, match="go away") as caught:
                await converse(link, inquiry(ORDER, "run"))
    assert not caught.value.has_begun


async def test_a_link_that_goes(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        link = await link_to(server)
        order = RemoteOrder("t-1-1-x", "d", "bash", "sleep 3", Limits())
        talking = asyncio.ensure_future(converse(link, inquiry(order, "run")))
        await asyncio.sleep(0.5)
        server.stop()
        with pytest.raises(LinkLostError):
            await talking
        with pytest.raises(NotSentError):
            await converse(link, inquiry(order, "run"))


async def test_no_session_is_to_be_had(tmp_path: Path) -> None:
    with serving(tmp_path, more="PermitTTY no\nMaxSessions 0") as server:
        async with await link_to(server) as link:
            with pytest.raises(NotSentError):
                await converse(link, inquiry(ORDER, "run"))


async def test_more_than_was_asked_for(tmp_path: Path) -> None:
    """A machine that sends without end fills no memory."""
    with serving(tmp_path, more="ForceCommand yes") as server:
        async with await link_to(server) as link:
            with pytest.raises(BadAnswerError, match="more than it was told"):
                await asyncio.wait_for(converse(link, inquiry(ORDER, "run")), 60)
