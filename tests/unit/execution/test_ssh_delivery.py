"""Its way over broken links is an integration test; here is what needs no second link."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from itops.domain.script import Limits
from itops.errors import TargetUnreachable
from itops.execution.remote_attempts import RemoteOrder
from itops.execution.sent_marks import SentMarks
from itops.execution.ssh_delivery import Delivery
from itops.execution.ssh_pool import Patience, Pool
from itops.testing.ssh_server import SshServer, serving


async def no_password(_: str) -> str:
    raise AssertionError


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(no_password, Patience(login=5.0))
    yield pool
    await pool.close()


def delivery(pool: Pool, server: SshServer, folder: Path, text: str = "echo hi") -> Delivery:
    order = RemoteOrder("t-1-1-x", "d", "bash", text, Limits())
    return Delivery(pool, SentMarks(folder / "sent"), server.connection, server.target(), order, 0.5)


async def test_it_is_remembered_before_it_is_sent(pool: Pool, tmp_path: Path) -> None:
    with serving(tmp_path / "server") as server:
        answer = await delivery(pool, server, tmp_path, f"ls {tmp_path}/sent").answer(None)
    assert answer.stdout == b"t-1-1-x\n"


async def test_stopped_before_anything_is_sent(pool: Pool, tmp_path: Path) -> None:
    with serving(tmp_path / "server") as server:
        stopped = delivery(pool, server, tmp_path)
        stopped.stop()
        assert (await stopped.answer(None)).words == ("void", "stopped")
        assert SentMarks(tmp_path / "sent").find("t-1-1-x") is None
        assert not (server.home / ".itops").exists()


async def test_a_login_without_a_shell_has_run_nothing(pool: Pool, tmp_path: Path) -> None:
    with serving(tmp_path / "server", more="ForceCommand echo no shell for you") as server:
        sent = delivery(pool, server, tmp_path)
        with pytest.raises(TargetUnreachable, match="no shell for you"):
            await sent.answer(None)
    assert not sent.may_have_run


async def test_a_server_without_sessions_has_run_nothing(pool: Pool, tmp_path: Path) -> None:
    with serving(tmp_path / "server", more="MaxSessions 0") as server:
        sent = delivery(pool, server, tmp_path)
        with pytest.raises(TargetUnreachable, match="takes no command"):
            await sent.answer(None)
    assert not sent.may_have_run


async def test_it_gives_up_when_what_was_sent_can_not_be_reached(pool: Pool, tmp_path: Path) -> None:
    server = SshServer(tmp_path / "server")
    sent, started = delivery(pool, server, tmp_path), time.monotonic()
    mark = SentMarks(tmp_path / "sent").set("t-1-1-x", server.target(), "d")
    with pytest.raises(TargetUnreachable):
        await sent.answer(mark)
    assert sent.may_have_run
    assert time.monotonic() - started >= 0.5
    await asyncio.sleep(0)
