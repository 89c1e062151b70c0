"""What it does besides running; the promises of every executor are a contract test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from itops.domain.connection import Connection
from itops.domain.instruction import SecretSpec
from itops.domain.result import Result, ResultState
from itops.domain.sandbox import Sandbox
from itops.errors import NotPermitted, UsageError
from itops.execution.executor_factory import ExecutorParts, Executors
from itops.execution.ssh_executor import SshExecutor, create
from itops.redaction import WITHHELD, Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import approved
from itops.testing.ssh_server import SshServer


@pytest.fixture
def attempt(tmp_path: Path) -> str:
    return f"{tmp_path.name.replace('_', '-')}-1-1-web-1"


@pytest.fixture
async def executor(ssh_server: SshServer, tmp_path: Path) -> AsyncIterator[SshExecutor]:
    reached = ssh_server.connection
    executor = SshExecutor(tmp_path / "sent", lambda _: reached, SecretKeeper(tmp_path), Redactor(), grace_seconds=0.3)
    yield executor
    await executor.close()


async def run(executor: SshExecutor, server: SshServer, attempt: str, text: str, **fields: object) -> Result:
    script = approved(text, server.target(), **fields)
    return await executor.run(script, server.target(), attempt=attempt, stop=asyncio.Event())


async def test_an_address_that_was_not_approved(executor: SshExecutor, ssh_server: SshServer, attempt: str) -> None:
    moved = ssh_server.target().model_copy(update={"address": "root@elsewhere"})
    result = await executor.run(approved("true", moved), moved, attempt=attempt, stop=asyncio.Event())
    assert result.state is ResultState.UNREACHABLE
    assert "was approved at root@elsewhere" in result.note


async def test_another_script_under_the_same_name(executor: SshExecutor, ssh_server: SshServer, attempt: str) -> None:
    await run(executor, ssh_server, attempt, "echo one")
    with pytest.raises(NotPermitted, match="another script"):
        await run(executor, ssh_server, attempt, "echo two")


async def test_what_must_be_confined_does_not_run(executor: SshExecutor, ssh_server: SshServer, attempt: str) -> None:
    assert not executor.confines(Sandbox())
    result = await run(executor, ssh_server, attempt, "true", sandbox=Sandbox())
    assert result.state is ResultState.UNREACHABLE
    assert not await executor.started(attempt)


async def test_what_it_left_can_be_removed(executor: SshExecutor, ssh_server: SshServer, attempt: str) -> None:
    await run(executor, ssh_server, attempt, "echo one")
    place = ssh_server.home / ".itops/attempts" / attempt
    assert (place / "stdout").exists()
    await executor.forget(attempt)
    assert [path.name for path in place.iterdir()] == ["forgotten"]
    assert await executor.started(attempt)
    assert (await run(executor, ssh_server, attempt, "echo one")).state is ResultState.UNKNOWN
    await executor.forget("never-sent")


async def test_a_secret_that_is_gone(
    executor: SshExecutor, ssh_server: SshServer, attempt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = SecretSpec(name="pin", source="secret://env/A_VARIABLE")
    with pytest.raises(UsageError):
        await run(executor, ssh_server, attempt, "cat", secrets=(spec,))
    assert not await executor.started(attempt)
    monkeypatch.setenv("A_VARIABLE", "correct-horse")
    assert (await run(executor, ssh_server, attempt, "cat", secrets=(spec,))).stdout.text == "[REDACTED:pin]\n"
    monkeypatch.delenv("A_VARIABLE")
    assert (await run(executor, ssh_server, attempt, "cat", secrets=(spec,))).stdout.text == WITHHELD


async def test_a_sudo_password_is_hidden(
    ssh_server: SshServer, tmp_path: Path, attempt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_WORD", "open-sesame")
    reached = ssh_server.connection.model_copy(update={"sudo_password": "secret://env/SUDO_WORD"})
    executor = SshExecutor(tmp_path / "sent", lambda _: reached, SecretKeeper(tmp_path), Redactor())
    result = await run(executor, ssh_server, attempt, '"$SUDO_ASKPASS"')
    await executor.close()
    assert result.stdout.text == "[REDACTED:sudo-password]\n"


async def test_the_script_path_is_short(executor: SshExecutor, ssh_server: SshServer, attempt: str) -> None:
    result = await run(executor, ssh_server, attempt, "no-such-program")
    assert result.stderr.text == "script: line 1: no-such-program: command not found\n"


def test_it_is_used_from_several_loops(ssh_server: SshServer, tmp_path: Path) -> None:
    reached = ssh_server.connection
    executor = SshExecutor(tmp_path / "sent", lambda _: reached, SecretKeeper(tmp_path), Redactor())
    for number in range(3):
        result = asyncio.run(run(executor, ssh_server, f"{tmp_path.name}-{number}-1-x", "echo hi"))
        assert result.stdout.text == "hi\n"
    asyncio.run(executor.close())


async def test_without_an_inventory_nothing_is_reached(ssh_server: SshServer, tmp_path: Path, attempt: str) -> None:
    executor = create(ExecutorParts(tmp_path, SecretKeeper(tmp_path), Redactor()))
    result = await run(executor, ssh_server, attempt, "true")
    assert result.state is ResultState.UNREACHABLE
    assert "no inventory names it" in result.note


def test_it_is_made_with_how_targets_are_reached(ssh_server: SshServer, tmp_path: Path) -> None:
    def reached(_: object) -> Connection:
        return ssh_server.connection

    parts = ExecutorParts(tmp_path, SecretKeeper(tmp_path), Redactor(), reached)
    assert isinstance(create(parts), SshExecutor)


def test_it_is_found_by_its_name(tmp_path: Path) -> None:
    executors = Executors(ExecutorParts(tmp_path, SecretKeeper(tmp_path), Redactor()))
    assert isinstance(executors["ssh"], SshExecutor)
