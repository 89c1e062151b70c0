import asyncio
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itops.domain.instruction import SecretSpec
from itops.domain.result import Result, ResultState
from itops.domain.script import Limits
from itops.errors import StoreError, UsageError
from itops.execution.system_executor import SystemExecutor
from itops.redaction import WITHHELD, Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import HERE, approved

NewExecutor = Callable[[], SystemExecutor]
ATTEMPT = "t-a-1-1-this-machine"


async def run(executor: SystemExecutor, text: str, attempt: str = ATTEMPT, **fields: object) -> Result:
    return await executor.run(approved(text, **fields), HERE, attempt=attempt, stop=asyncio.Event())


@pytest.mark.skipif(shutil.which("pwsh") is not None, reason="PowerShell is installed")
async def test_a_missing_interpreter_is_unreachable(new_executor: NewExecutor, attempts_dir: Path) -> None:
    result = await run(new_executor(), "Get-Date", language="powershell")
    assert result.state is ResultState.UNREACHABLE
    assert "nothing ran" in result.note
    assert not attempts_dir.exists()


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell is not installed")
async def test_powershell(new_executor: NewExecutor) -> None:
    result = await run(new_executor(), "Write-Output 'hi'; exit 3", language="powershell")
    assert (result.exit_code, result.stdout.text.strip()) == (3, "hi")


async def test_a_name_that_is_no_directory_is_refused(new_executor: NewExecutor) -> None:
    with pytest.raises(UsageError):
        await run(new_executor(), "true", "../elsewhere")


async def test_the_script_stands_in_no_argument_list(new_executor: NewExecutor) -> None:
    result = await run(new_executor(), "cat /proc/$$/cmdline /proc/$PPID/cmdline # hunter2-is-not-there")
    assert "bash" in result.stdout.text
    assert "hunter2" not in result.stdout.text


async def test_a_big_output_takes_no_big_file(new_executor: NewExecutor, attempts_dir: Path) -> None:
    size = 200_000_000
    result = await run(new_executor(), f"head -c {size} /dev/zero")
    assert result.stdout.length == size
    assert result.stdout.sha256 == hashlib.sha256(bytes(size)).hexdigest()
    on_disk = sum(path.stat().st_size for path in (attempts_dir / ATTEMPT).iterdir())
    assert on_disk < 1_100_000


async def test_output_all_along_is_not_idle(new_executor: NewExecutor) -> None:
    text = "for i in 1 2 3 4 5; do echo $i; sleep 0.2; done"
    assert (await run(new_executor(), text, limits=Limits(idle_limit_seconds=0.7))).state is ResultState.SUCCEEDED


async def test_what_a_script_leaves_in_the_background_is_not_waited_for(new_executor: NewExecutor) -> None:
    started = time.monotonic()
    quiet = await run(new_executor(), "sleep 20 > /dev/null 2>&1 & echo $!", "t-1-1")
    loud = await run(
        new_executor(), "(while :; do echo x; sleep 0.1; done) & echo $!", "t-2-1", limits=Limits(time_limit_seconds=2)
    )
    assert time.monotonic() - started < 15
    assert (quiet.state, quiet.note) == (ResultState.SUCCEEDED, "")
    assert loud.state is ResultState.SUCCEEDED
    assert "background" in loud.note
    os.kill(int(quiet.stdout.text), 9)


async def test_late_output_of_the_script_is_kept(new_executor: NewExecutor) -> None:
    assert (await run(new_executor(), "(sleep 0.3; echo late) & echo early")).stdout.text == "early\nlate\n"


async def test_a_script_that_kills_its_group_ends_alone(new_executor: NewExecutor) -> None:
    result = await run(new_executor(), "kill -9 0; sleep 60")
    assert (result.state, result.exit_code) == (ResultState.FAILED, 137)


async def test_a_command_with_a_group_of_its_own_is_stopped_too(new_executor: NewExecutor) -> None:
    started = time.monotonic()
    result = await run(new_executor(), "timeout 50 sleep 60", limits=Limits(time_limit_seconds=0.3))
    assert result.state is ResultState.TIMED_OUT
    assert time.monotonic() - started < 20


async def test_signals_are_as_at_a_shell(new_executor: NewExecutor) -> None:
    result = await run(new_executor(), "yes | head -1; echo ${PIPESTATUS[0]}; umask; grep SigIgn /proc/self/status")
    *usual, ignored = result.stdout.text.splitlines()
    assert usual == ["y", "141", "0022"]
    assert int(ignored.split()[1], 16) & 0x7FFFFFFF == 0


async def test_a_secret_that_is_gone_before_the_start_runs_nothing(new_executor: NewExecutor, tmp_path: Path) -> None:
    spec = SecretSpec(name="pin", source="secret://env/NO_SUCH_VARIABLE")
    with pytest.raises(UsageError, match="NO_SUCH_VARIABLE"):
        await run(new_executor(), f"touch {tmp_path}/ran", secrets=(spec,))
    assert not (tmp_path / "ran").exists()


async def test_output_is_withheld_when_its_secret_is_gone_afterwards(
    new_executor: NewExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = SecretSpec(name="pin", source="secret://env/A_VARIABLE")
    monkeypatch.setenv("A_VARIABLE", "correct-horse")
    first = await run(new_executor(), "cat", secrets=(spec,))
    assert first.stdout.text == "[REDACTED:pin]\n"
    again = await run(new_executor(), "cat", secrets=(spec,))
    assert again == first
    monkeypatch.delenv("A_VARIABLE")
    withheld = await run(new_executor(), "cat", secrets=(spec,))
    assert (withheld.state, withheld.stdout.text) == (ResultState.SUCCEEDED, WITHHELD)


async def test_secrets_come_in_their_order_and_stand_nowhere_on_disk(
    new_executor: NewExecutor, attempts_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST_ONE", "first-secret-value")
    monkeypatch.setenv("SECOND_ONE", "second-secret-value")
    specs = tuple(SecretSpec(name=name, source=f"secret://env/{name}_ONE") for name in ("FIRST", "SECOND"))
    text = 'read -r a; read -r b; [ "$a" = first-secret-value ] && [ "${b%-*}" = second-secret ]'
    result = await run(new_executor(), text, secrets=specs)
    assert result.state is ResultState.SUCCEEDED
    assert not any(b"second-secret-value" in path.read_bytes() for path in attempts_dir.rglob("*") if path.is_file())


async def test_a_retry_gets_the_same_generated_secret(new_executor: NewExecutor, tmp_path: Path) -> None:
    spec = SecretSpec(name="pin", generate=True)
    digests = [
        (await run(new_executor(), "sha256sum", f"t-a-1-{number}-this-machine", secrets=(spec,))).stdout.text
        for number in (1, 2)
    ]
    assert digests[0] == digests[1]
    revealed = await SecretKeeper(tmp_path).reveal("t-a")
    assert digests[0].split()[0] == hashlib.sha256(revealed["pin"].reveal().encode() + b"\n").hexdigest()


async def test_a_result_that_can_not_be_read_is_an_error_that_says_it_may_have_run(
    new_executor: NewExecutor, attempts_dir: Path
) -> None:
    await run(new_executor(), "true")
    (attempts_dir / ATTEMPT / "outcome").unlink()
    (attempts_dir / ATTEMPT / "outcome").mkdir()
    with pytest.raises(StoreError, match="may have run"):
        await run(new_executor(), "true")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"can't mount a small disk here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_on_a_full_disk_nothing_runs(small_disk: Path, tmp_path: Path) -> None:
    executor = SystemExecutor(small_disk / "attempts", SecretKeeper(tmp_path), Redactor())
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(bytes(1_000_000))
    with pytest.raises(StoreError, match="recorded"):
        await run(executor, f"touch {tmp_path}/ran")
    assert not (tmp_path / "ran").exists()


async def test_a_disk_that_fills_up_meanwhile_costs_output_not_the_outcome(small_disk: Path, tmp_path: Path) -> None:
    executor = SystemExecutor(small_disk / "attempts", SecretKeeper(tmp_path), Redactor())
    result = await run(executor, "head -c 900000 /dev/zero | tr '\\0' a; exit 4")
    assert (result.state, result.exit_code) == (ResultState.FAILED, 4)
    assert result.stdout.truncated
    assert result.stdout.sha256 == hashlib.sha256(b"a" * 900_000).hexdigest()
    assert "could not be kept" in result.stdout.text
