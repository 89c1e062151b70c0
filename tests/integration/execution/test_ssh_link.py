"""Whatever happens to the link, the server and the worker: a command runs once, or it is said that nothing ran."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itops.domain.connection import Connection
from itops.domain.result import Result, ResultState
from itops.domain.script import Limits
from itops.execution.fan_out import Runner
from itops.execution.ssh_executor import SshExecutor
from itops.execution.ssh_pool import Patience
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import approved
from itops.testing.memory_journal import MemoryJournal
from itops.testing.ssh_server import SshServer, program

WORKER = Path(__file__).with_name("ssh_worker_to_kill.py")
QUICK = Patience(login=5.0, keepalive=0.5)
pytestmark = pytest.mark.skipif(not program(), reason="sshd is not installed")
New = Callable[..., SshExecutor]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    server = SshServer(tmp_path / "server").start()
    yield server
    server.stop()


@pytest.fixture
def new(tmp_path: Path, server: SshServer) -> New:
    def make(connection: Connection | None = None, reattach: float = 30.0) -> SshExecutor:
        return SshExecutor(
            tmp_path / "sent",
            lambda _: connection or server.connection,
            SecretKeeper(tmp_path),
            Redactor(),
            patience=QUICK,
            grace_seconds=0.3,
            reattach_seconds=reattach,
        )

    return make


def marking(server: SshServer, seconds: float = 1.5) -> str:
    return f"echo start >> {server.folder}/lines; sleep {seconds}; echo end >> {server.folder}/lines; echo done"


def lines(server: SshServer) -> list[str]:
    path = server.folder / "lines"
    return path.read_text().splitlines() if path.exists() else []


async def until_started(server: SshServer) -> None:
    give_up = time.monotonic() + 20
    while not lines(server):
        assert time.monotonic() < give_up
        await asyncio.sleep(0.02)


def begin(executor: SshExecutor, server: SshServer, text: str, **fields: object) -> "asyncio.Task[Result]":
    script, stop = approved(text, server.target(), **fields), asyncio.Event()
    return asyncio.ensure_future(executor.run(script, server.target(), attempt="t-a-1-1-web-1", stop=stop))


async def test_a_server_that_is_killed_and_comes_back(server: SshServer, new: New) -> None:
    running = begin(new(), server, marking(server))
    await until_started(server)
    server.stop()
    await asyncio.sleep(0.5)
    assert not running.done()
    server.start()
    result = await running
    assert (result.state, result.stdout.text) == (ResultState.SUCCEEDED, "done\n")
    assert lines(server) == ["start", "end"]


async def test_a_server_that_is_frozen_and_goes_on(server: SshServer, new: New) -> None:
    running = begin(new(), server, marking(server))
    await until_started(server)
    server.signal(signal.SIGSTOP)
    await asyncio.sleep(4)
    server.signal(signal.SIGCONT)
    result = await running
    assert (result.state, result.stdout.text) == (ResultState.SUCCEEDED, "done\n")
    assert lines(server) == ["start", "end"]


async def test_one_session_that_is_frozen_for_good(server: SshServer, new: New) -> None:
    """The half-open link is given up, and the next one reads the result."""
    running = begin(new(), server, marking(server))
    await until_started(server)
    for pid in server.sessions():
        os.kill(pid, signal.SIGSTOP)
    result = await running
    assert result.state is ResultState.SUCCEEDED
    assert lines(server) == ["start", "end"]


def signalled(processes: list[int], number: int) -> None:
    """Signal what is left of them: a session that was just left ends by itself."""
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


async def test_frozen_while_it_is_sent(server: SshServer, new: New) -> None:
    """What was on its way when the link froze arrives late, and finds that it was there already."""
    executor = new()
    await executor.reach(server.target())
    frozen = server.sessions()
    signalled(frozen, signal.SIGSTOP)
    running = begin(executor, server, marking(server, 0.2))
    result = await running
    signalled(frozen, signal.SIGCONT)
    await asyncio.sleep(1)
    assert result.state is ResultState.SUCCEEDED
    assert lines(server) == ["start", "end"]


async def test_a_server_that_stays_away_is_unknown_until_it_is_back(server: SshServer, new: New) -> None:
    running = begin(new(reattach=1.0), server, marking(server))
    await until_started(server)
    server.stop()
    result = await running
    assert result.state is ResultState.UNKNOWN
    assert "may have run" in result.note
    server.start()
    assert (await begin(new(), server, marking(server))).stdout.text == "done\n"
    assert lines(server) == ["start", "end"]


async def test_a_server_that_is_not_there_is_unreachable(server: SshServer, new: New) -> None:
    server.stop()
    result = await begin(new(), server, marking(server))
    assert result.state is ResultState.UNREACHABLE
    assert "refuses connections. Nothing ran." in result.note
    assert not await new().started("t-a-1-1-web-1")


async def test_stopped_while_the_link_is_gone(server: SshServer, new: New) -> None:
    stop, executor, target = asyncio.Event(), new(), server.target()
    script = approved(marking(server, 20), target)
    running = asyncio.ensure_future(executor.run(script, target, attempt="t-a-1-1-web-1", stop=stop))
    await until_started(server)
    server.stop()
    stop.set()
    await asyncio.sleep(0.5)
    server.start()
    assert (await running).state is ResultState.CANCELLED
    assert lines(server) == ["start"]


async def test_a_wrapper_that_is_killed_is_unknown(server: SshServer, new: New) -> None:
    running = begin(new(), server, "echo said; " + marking(server, 20))
    await until_started(server)
    pid = int((server.home / ".itops/attempts/t-a-1-1-web-1/order").read_text().split()[2])
    os.kill(pid, signal.SIGKILL)
    result = await running
    assert result.state is ResultState.UNKNOWN
    assert "killed" in result.note
    assert result.stdout.text == "said\n"
    assert lines(server) == ["start"]


async def test_a_machine_that_was_started_anew_is_unknown(server: SshServer, new: New) -> None:
    """Its claim is there, from another boot."""
    assert (await begin(new(), server, marking(server, 0))).state is ResultState.SUCCEEDED
    place = server.home / ".itops/attempts/t-a-1-1-web-1"
    digest, _, *rest = (place / "order").read_text().split()
    (place / "order").write_text(" ".join([digest, "0000-another-boot", *rest]) + "\n")
    (place / "outcome").write_text(" " * 100)
    result = await begin(new(), server, marking(server, 0))
    assert result.state is ResultState.UNKNOWN
    assert "restarted" in result.note
    assert lines(server) == ["start", "end"]


async def test_a_claim_that_a_power_cut_took_is_not_made_again(server: SshServer, new: New, tmp_path: Path) -> None:
    """It was sent before the machine was last started, and nothing is there: it may have run."""
    assert (await begin(new(), server, marking(server, 0))).state is ResultState.SUCCEEDED
    mark = tmp_path / "sent" / "t-a-1-1-web-1"
    at = time.time() - float(Path("/proc/uptime").read_text().split()[0]) - 3600
    text = mark.read_text()
    mark.write_text(text.replace(text.split('"at": ')[1].split(",")[0], str(at)))
    subprocess.run(["rm", "-r", server.home / ".itops"], check=True)
    result = await begin(new(), server, marking(server, 0))
    assert result.state is ResultState.UNKNOWN
    assert lines(server) == ["start", "end"]


def test_a_worker_that_is_killed_at_any_moment(server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "connection").write_text(server.connection.model_dump_json())
    (tmp_path / "target").write_text(server.target().model_dump_json())
    moments = random.Random(6)
    for number in range(6):
        text = f"echo start {number} >> {tmp_path}/lines; sleep 0.3; echo end {number} >> {tmp_path}/lines; echo ok"
        (tmp_path / "text").write_text(text)
        command = [sys.executable, WORKER, tmp_path, f"t-a-{number}-1-web-1"]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE)
        time.sleep(moments.uniform(0.6, 1.6))
        worker.kill()
        worker.communicate()
        again = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        assert again.stdout == "succeeded ok\n"
    said = (tmp_path / "lines").read_text().splitlines()
    assert said == [f"{word} {number}" for number in range(6) for word in ("start", "end")]


async def test_fifty_targets_while_links_break(tmp_path: Path) -> None:
    """Ten servers are killed and come back, one is frozen for a while, one is never there."""
    servers = [SshServer(tmp_path / f"s{number}") for number in range(4)]
    for server in servers[:3]:
        server.start()
    targets = tuple(servers[number % 4].target(f"web-{number}") for number in range(52))
    by_address = {server.connection.address: server.connection for server in servers}
    executor = SshExecutor(
        tmp_path / "sent",
        lambda target: by_address[target.address],
        SecretKeeper(tmp_path),
        Redactor(),
        patience=QUICK,
        reattach_seconds=30,
    )
    runner = Runner({"ssh": executor}, MemoryJournal())
    script = approved(f"echo $ITOPS_ATTEMPT >> {tmp_path}/lines; sleep 0.4; echo ok", *targets)
    running = asyncio.ensure_future(runner.run(script, task="t-x", action="t-x-1", attempt=1, stop=asyncio.Event()))
    try:
        await asyncio.sleep(1)
        servers[0].stop()
        servers[1].signal(signal.SIGSTOP)
        await asyncio.sleep(3)
        servers[0].start()
        servers[1].signal(signal.SIGCONT)
        results = await running
    finally:
        for server in servers:
            server.stop()
    ran = (tmp_path / "lines").read_text().splitlines()
    assert len(ran) == len(set(ran))
    assert [result.state for result in results[3::4]] == [ResultState.UNREACHABLE] * 13
    reached = [result for number, result in enumerate(results) if number % 4 != 3]
    assert {result.state for result in reached} <= {ResultState.SUCCEEDED, ResultState.UNREACHABLE}
    assert len(ran) == sum(result.state is ResultState.SUCCEEDED for result in reached) > 13


async def test_limits_hold_without_a_link(server: SshServer, new: New) -> None:
    running = begin(new(), server, marking(server, 30), limits=Limits(time_limit_seconds=1.5))
    await until_started(server)
    server.stop()
    await asyncio.sleep(3)
    server.start()
    assert (await running).state is ResultState.TIMED_OUT
    assert lines(server) == ["start"]
