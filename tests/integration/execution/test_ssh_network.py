"""A server behind a link of its own, in a network namespace: the link is cut, slow, or leads nowhere."""

import asyncio
import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.domain.result import ResultState
from itops.execution.ssh_executor import SshExecutor
from itops.execution.ssh_pool import Patience
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import approved
from itops.testing.ssh_server import SshServer, program

NUMBERS = itertools.count(os.getpid() % 200)


def ip(*words: str, check: bool = True) -> bool:
    return subprocess.run(["ip", *words], capture_output=True, check=check).returncode == 0


class Link:
    """A pair of devices, one end in a namespace."""

    def __init__(self) -> None:
        number = next(NUMBERS)
        self.space, self.here, self.there = f"itops-{os.getpid()}-{number}", f"ith{number}", f"itt{number}"
        self.near, self.address = f"10.213.{number % 250}.1", f"10.213.{number % 250}.2"
        ip("netns", "add", self.space)
        ip("link", "add", self.here, "type", "veth", "peer", "name", self.there, "netns", self.space)
        ip("addr", "add", f"{self.near}/30", "dev", self.here)
        ip("link", "set", self.here, "up")
        ip("-n", self.space, "addr", "add", f"{self.address}/30", "dev", self.there)
        ip("-n", self.space, "link", "set", self.there, "up")
        ip("-n", self.space, "link", "set", "lo", "up")

    def cut(self) -> None:
        ip("-n", self.space, "link", "set", self.there, "down")

    def mend(self) -> None:
        ip("-n", self.space, "link", "set", self.there, "up")

    def remove(self) -> None:
        ip("link", "del", self.here, check=False)
        ip("netns", "del", self.space, check=False)


@pytest.fixture
def link() -> Iterator[Link]:
    if os.geteuid() != 0 or not shutil.which("ip") or not program():
        pytest.skip("needs root, ip and sshd")
    if not ip("netns", "add", "itops-try", check=False):
        pytest.skip("network namespaces can't be made here")
    ip("netns", "del", "itops-try")
    link = Link()
    yield link
    link.remove()


@pytest.fixture
def server(link: Link, tmp_path: Path) -> Iterator[SshServer]:
    prefix = ("ip", "netns", "exec", link.space)
    server = SshServer(tmp_path / "server", port=2222, address=link.address, prefix=prefix).start()
    give_up = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((link.address, 2222), 1).close()
            break
        except OSError:
            assert time.monotonic() < give_up
            time.sleep(0.1)
    yield server
    server.stop()


def executor(server: SshServer, folder: Path, reattach: float = 60.0) -> SshExecutor:
    reached, patience = server.connection, Patience(login=3.0, keepalive=0.5)
    return SshExecutor(
        folder / "sent",
        lambda _: reached,
        SecretKeeper(folder),
        Redactor(),
        patience=patience,
        reattach_seconds=reattach,
    )


async def test_a_link_that_is_cut_for_a_while(link: Link, server: SshServer, tmp_path: Path) -> None:
    target = server.target()
    script = approved(f"echo x >> {tmp_path}/lines; sleep 2; echo done", target)
    running = asyncio.ensure_future(
        executor(server, tmp_path).run(script, target, attempt="t-1-1-x", stop=asyncio.Event())
    )
    await asyncio.sleep(1.2)
    link.cut()
    await asyncio.sleep(6)
    assert not running.done()
    link.mend()
    result = await running
    assert (result.state, result.stdout.text) == (ResultState.SUCCEEDED, "done\n")
    assert (tmp_path / "lines").read_text() == "x\n"


async def test_a_link_that_stays_cut(link: Link, server: SshServer, tmp_path: Path) -> None:
    target = server.target()
    script = approved(f"echo x >> {tmp_path}/lines; sleep 2; echo done", target)
    first = executor(server, tmp_path, reattach=1.0)
    running = asyncio.ensure_future(first.run(script, target, attempt="t-1-1-x", stop=asyncio.Event()))
    await asyncio.sleep(1.2)
    link.cut()
    assert (await running).state is ResultState.UNKNOWN
    link.mend()
    again = await executor(server, tmp_path).run(script, target, attempt="t-1-1-x", stop=asyncio.Event())
    assert again.stdout.text == "done\n"
    assert (tmp_path / "lines").read_text() == "x\n"


async def test_a_link_that_was_never_there(link: Link, server: SshServer, tmp_path: Path) -> None:
    link.cut()
    target = server.target()
    result = await executor(server, tmp_path).run(
        approved("true", target), target, attempt="t-1-1-x", stop=asyncio.Event()
    )
    assert result.state is ResultState.UNREACHABLE
    assert "Nothing ran" in result.note


async def test_no_route(link: Link, server: SshServer, tmp_path: Path) -> None:
    ip("route", "add", "unreachable", f"{link.address}/32")
    try:
        target = server.target()
        result = await executor(server, tmp_path).run(
            approved("true", target), target, attempt="t-1-1-x", stop=asyncio.Event()
        )
    finally:
        ip("route", "del", "unreachable", f"{link.address}/32")
    assert result.state is ResultState.UNREACHABLE
    assert "there is no route" in result.note


async def test_a_slow_link(link: Link, server: SshServer, tmp_path: Path) -> None:
    delayed = ["tc", "qdisc", "add", "dev", link.here, "root", "netem", "delay", "300ms"]
    if not shutil.which("tc") or subprocess.run(delayed, capture_output=True, check=False).returncode:
        pytest.skip("this machine can't delay a link")
    target = server.target()
    result = await executor(server, tmp_path).run(
        approved("echo slow", target), target, attempt="t-1-1-x", stop=asyncio.Event()
    )
    assert result.stdout.text == "slow\n"
