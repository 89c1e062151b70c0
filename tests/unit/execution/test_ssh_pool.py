import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from itops.domain.connection import Connection
from itops.errors import TargetUnreachable
from itops.execution.ssh_pool import LoopThread, Patience, Pool
from itops.testing.ssh_server import SshServer, free_port, serving


async def no_password(_: str) -> str:
    raise AssertionError


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(no_password, Patience(login=5.0, idle=0.3))
    yield pool
    await pool.close()


async def test_one_connection_serves_many(pool: Pool, tmp_path: Path) -> None:
    with serving(tmp_path / "server") as server:

        async def use() -> object:
            async with pool.place(server.connection) as link:
                return link

        assert len({id(link) for link in await asyncio.gather(*(use() for _ in range(20)))}) == 1
        assert len(server.sessions()) <= 2


async def test_an_unused_one_is_closed_and_made_again(pool: Pool, ssh_server: SshServer) -> None:
    async with pool.link(ssh_server.connection) as first:
        await asyncio.sleep(0.6)
        assert not first.is_closed()
    async with pool.link(ssh_server.connection) as again:
        assert again is first
    await asyncio.wait_for(first.wait_closed(), 10)
    async with pool.link(ssh_server.connection) as second:
        assert second is not first


async def test_a_broken_one_is_made_again(pool: Pool, ssh_server: SshServer) -> None:
    async with pool.link(ssh_server.connection) as first:
        first.abort()
        await asyncio.wait_for(first.wait_closed(), 10)
        async with pool.link(ssh_server.connection) as second:
            assert second is not first


async def test_a_failure_is_not_kept(pool: Pool, tmp_path: Path) -> None:
    port = free_port()
    server = SshServer(tmp_path / "server", port=port)
    with pytest.raises(TargetUnreachable):
        async with pool.link(server.connection):
            pass
    server.start()
    try:
        async with pool.link(server.connection) as link:
            assert not link.is_closed()
    finally:
        server.stop()


async def test_a_caller_that_leaves_does_not_end_it_for_others(pool: Pool, ssh_server: SshServer) -> None:
    async def use() -> None:
        async with pool.link(ssh_server.connection):
            pass

    impatient, patient = asyncio.ensure_future(use()), asyncio.ensure_future(use())
    await asyncio.sleep(0)
    impatient.cancel()
    await patient


async def test_a_bastion_stays_as_long_as_what_is_behind_it(pool: Pool, ssh_server: SshServer, tmp_path: Path) -> None:
    with serving(tmp_path / "behind") as behind:
        through: Connection = behind.connection.model_copy(update={"via": (ssh_server.connection,)})
        async with pool.link(through) as link:
            await asyncio.sleep(0.6)
            assert (await link.run("echo here")).stdout == "here\n"


def test_one_thread_serves_every_loop() -> None:
    thread = LoopThread()

    async def where() -> str:
        return threading.current_thread().name

    async def ask() -> str:
        return await thread.run(where())

    assert {asyncio.run(ask()) for _ in range(3)} == {"itops-ssh"}
