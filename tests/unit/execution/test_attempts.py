import asyncio
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.domain.result import Result, ResultState
from itops.domain.script import Limits
from itops.errors import NotPermitted, StoreError
from itops.execution.attempts import FORGOTTEN, Attempts, Order, read_boot, read_sandbox
from itops.execution.sandbox import Confinement
from itops.execution.system_executor import SystemExecutor
from itops.testing.approved_scripts import HERE, approved

NewExecutor = Callable[[], SystemExecutor]
ATTEMPT = "t-a-1-1-this-machine"
RACER = """
import asyncio, sys
from pathlib import Path
from itops.execution.system_executor import SystemExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import HERE, approved
home, text = Path(sys.argv[1]), sys.argv[2]
executor = SystemExecutor(home / "attempts", SecretKeeper(home), Redactor())
script = approved(text)
print("ready", flush=True)
sys.stdin.readline()
for number in range(10):
    result = asyncio.run(executor.run(script, HERE, attempt=f"t-{number}-1-x", stop=asyncio.Event()))
    print(result.state.value, result.stdout.text.strip(), flush=True)
"""


async def run(executor: SystemExecutor, text: str, attempt: str = ATTEMPT) -> Result:
    return await executor.run(approved(text), HERE, attempt=attempt, stop=asyncio.Event())


def test_many_processes_at_once_start_each_attempt_once(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    text = f"echo $$ >> {marks}; echo $$"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, tmp_path, text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate()[0].splitlines() for racer in racers]
    ran = marks.read_text().split()
    assert len(ran) == 10
    assert all(lines == [f"succeeded {pid}" for pid in ran] for lines in said)
    assert not list((tmp_path / "attempts").glob(".new-*"))


async def test_the_directory_is_for_its_owner_alone(new_executor: NewExecutor, attempts_dir: Path) -> None:
    await run(new_executor(), "echo out")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (attempts_dir / ATTEMPT).iterdir()}
    assert modes <= {0o600, 0o644}
    assert stat.S_IMODE(attempts_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((attempts_dir / ATTEMPT).stat().st_mode) == 0o700
    for name in ("order", "script", "alive", "control"):
        assert stat.S_IMODE((attempts_dir / ATTEMPT / name).stat().st_mode) == 0o600
    assert read_sandbox(attempts_dir / ATTEMPT) == ""


async def test_another_script_does_not_get_the_result(new_executor: NewExecutor) -> None:
    await run(new_executor(), "echo one")
    with pytest.raises(NotPermitted, match="another script"):
        await run(new_executor(), "echo two")


async def test_another_worker_waits_for_what_runs(new_executor: NewExecutor, tmp_path: Path) -> None:
    text = f"echo x >> {tmp_path}/marks; sleep 0.5; echo done"
    left = asyncio.create_task(run(new_executor(), text))
    while not (tmp_path / "marks").exists():
        await asyncio.sleep(0.01)
    left.cancel()
    result = await run(new_executor(), text)
    assert (result.state, result.stdout.text) == (ResultState.SUCCEEDED, "done\n")
    assert (tmp_path / "marks").read_text() == "x\n"


async def test_another_worker_can_stop_what_runs(new_executor: NewExecutor, tmp_path: Path) -> None:
    text = f"echo x >> {tmp_path}/marks; sleep 60"
    left = asyncio.create_task(run(new_executor(), text))
    while not (tmp_path / "marks").exists():
        await asyncio.sleep(0.01)
    left.cancel()
    stop = asyncio.Event()
    stop.set()
    result = await new_executor().run(approved(text), HERE, attempt=ATTEMPT, stop=stop)
    assert result.state is ResultState.CANCELLED


async def wrapper_of(place: Path) -> int:
    """The parent of the script that says its parent's number."""
    while not (place / "stdout").exists() or not (place / "stdout").read_text().endswith("\n"):
        await asyncio.sleep(0.01)
    return int((place / "stdout").read_text())


async def test_a_killed_wrapper_is_an_unknown_outcome_and_nothing_is_left(
    new_executor: NewExecutor, attempts_dir: Path, tmp_path: Path
) -> None:
    text = f"echo $PPID; setsid bash -c 'sleep 1.5; echo x >> {tmp_path}/marks' & sleep 60"
    running = asyncio.create_task(run(new_executor(), text))
    os.kill(await wrapper_of(attempts_dir / ATTEMPT), 9)
    result = await running
    assert result.state is ResultState.UNKNOWN
    assert "wrapper was killed" in result.note
    assert "processes that were left" in result.note
    assert result.stdout.text.strip().isdigit()
    again = await run(new_executor(), text)
    assert again.state is ResultState.UNKNOWN
    await asyncio.sleep(1.6)
    assert not (tmp_path / "marks").exists()


async def test_after_a_restart_of_the_machine_the_outcome_is_unknown(
    new_executor: NewExecutor, attempts_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(new_executor(), "echo x")
    (attempts_dir / ATTEMPT / "outcome").unlink()
    monkeypatch.setattr("itops.execution.process_runner.boot_id", lambda: "another")
    result = await run(new_executor(), "echo x")
    assert result.state is ResultState.UNKNOWN
    assert "restarted" in result.note


@pytest.mark.parametrize("name", ["order", "outcome"])
async def test_a_file_that_a_power_cut_emptied_is_no_result(
    new_executor: NewExecutor, attempts_dir: Path, name: str
) -> None:
    await run(new_executor(), "echo x")
    (attempts_dir / ATTEMPT / "outcome").unlink()
    (attempts_dir / ATTEMPT / name).write_text("")
    assert (await run(new_executor(), "echo x")).state is ResultState.UNKNOWN


async def test_a_forgotten_attempt_never_runs_again(
    new_executor: NewExecutor, attempts_dir: Path, tmp_path: Path
) -> None:
    text = f"echo x >> {tmp_path}/marks"
    await run(new_executor(), text)
    await new_executor().forget(ATTEMPT)
    assert [path.name for path in (attempts_dir / ATTEMPT).iterdir()] == [FORGOTTEN]
    assert stat.S_IMODE((attempts_dir / ATTEMPT / FORGOTTEN).stat().st_mode) == 0o600
    assert (await run(new_executor(), text)).state is ResultState.UNKNOWN
    await new_executor().forget(ATTEMPT)
    await new_executor().forget("t-never-1-1-x")
    assert (tmp_path / "marks").read_text() == "x\n"


async def test_a_directory_that_was_emptied_is_no_result(new_executor: NewExecutor, attempts_dir: Path) -> None:
    (attempts_dir / ATTEMPT).mkdir(parents=True)
    result = await run(new_executor(), "echo x")
    assert result.state is ResultState.UNKNOWN
    assert "removed" in result.note


async def test_sweep_removes_only_what_is_old_and_done(new_executor: NewExecutor, attempts_dir: Path) -> None:
    for name in ("t-old-1", "t-new-1", "t-kept-1"):
        await run(new_executor(), "true", name)
    for name in ("t-old-1", "t-new-1"):
        await new_executor().forget(name)
    beginning = attempts_dir / ".new-x"
    beginning.mkdir()
    (beginning / "order").touch()
    old = time.time() - 100
    os.utime(attempts_dir / "t-old-1" / FORGOTTEN, (old, old))
    os.utime(beginning / "order", (old, old))
    assert await new_executor().sweep(older_than_seconds=50) == 2
    assert {path.name for path in attempts_dir.iterdir()} == {"t-new-1", "t-kept-1"}


def test_sweep_passes_over_what_another_worker_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda home, pattern: [home / "gone" / FORGOTTEN])
    assert Attempts(tmp_path).sweep(older_than_seconds=0) == 0


async def test_a_directory_that_can_not_be_made_runs_nothing(
    new_executor: NewExecutor, attempts_dir: Path, tmp_path: Path
) -> None:
    attempts_dir.write_text("in the way")
    with pytest.raises(StoreError, match="recorded"):
        await run(new_executor(), f"touch {tmp_path}/ran")
    assert not (tmp_path / "ran").exists()


async def test_a_wrapper_that_can_not_work_is_no_attempt(
    new_executor: NewExecutor, attempts_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("itops.execution.attempts._START", "raise SystemExit('it is broken')")
    with pytest.raises(StoreError, match="it is broken"):
        await run(new_executor(), f"touch {tmp_path}/ran")
    assert not list(attempts_dir.iterdir())
    monkeypatch.undo()
    assert (await run(new_executor(), f"touch {tmp_path}/ran")).state is ResultState.SUCCEEDED


async def test_the_last_that_a_broken_wrapper_said_is_told(
    new_executor: NewExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = r"import sys; sys.stderr.buffer.write(b'first\n\xff last\n')"
    monkeypatch.setattr("itops.execution.attempts._START", words)
    with pytest.raises(StoreError) as raised:
        await run(new_executor(), "true")
    assert raised.value.what.endswith("recorded: \ufffd last.")


@pytest.mark.parametrize(
    ("order", "sandbox", "boot"),
    [('{"sandbox": "landlock", "boot": "b"}', "landlock", "b"), ('{"boot": "b"}', "", "b"), ("", "", "")],
)
def test_what_an_order_says(tmp_path: Path, order: str, sandbox: str, boot: str) -> None:
    assert read_sandbox(tmp_path) == ""
    (tmp_path / "order").write_text(order)
    assert (read_sandbox(tmp_path), read_boot(tmp_path)) == (sandbox, boot)


async def test_a_confinement_stands_before_the_interpreter_and_says_where_things_are(tmp_path: Path) -> None:
    attempts, seen = Attempts(tmp_path / "not" / "there" / "yet"), tmp_path / "seen"
    seen.symlink_to(attempts.place("a"))
    (tmp_path / "work").mkdir()
    order = Order(
        digest="d",
        interpreter=("/bin/bash",),
        script_name="script",
        text='echo "$CONFINED $0 $TMPDIR $PWD"',
        limits=Limits(),
        environment={"PATH": os.defpath},
        directory=tmp_path / "work",
        confinement=Confinement(name="env", prefix=("/usr/bin/env", "CONFINED=yes"), script_dir=seen),
    )
    place = await attempts.carry_out("a", order, asyncio.Event())
    assert (place / "stdout").read_text() == f"yes {seen}/script {seen}/tmp {tmp_path}/work\n"
    assert read_sandbox(place) == "env"


async def test_a_wrapper_has_a_session_of_its_own_and_the_usual_mask(new_executor: NewExecutor) -> None:
    before = os.umask(0o077)
    try:
        result = await run(new_executor(), "umask; echo $PPID; cut -d ' ' -f 6 /proc/$PPID/stat")
    finally:
        os.umask(before)
    mask, wrapper, session = result.stdout.text.split()
    assert mask == "0022"
    assert wrapper == session


async def test_no_wrapper_keeps_us_from_ending_or_stays_as_a_zombie(new_executor: NewExecutor, tmp_path: Path) -> None:
    running = asyncio.create_task(run(new_executor(), f"touch {tmp_path}/begun; sleep 0.3"))
    while not (tmp_path / "begun").exists():
        await asyncio.sleep(0.01)
    waiting = [thread for thread in threading.enumerate() if "(wait)" in thread.name]
    assert [thread.daemon for thread in waiting] == [True]
    await running
    await asyncio.to_thread(waiting[0].join, 10)
    assert not waiting[0].is_alive()


async def test_nothing_stays_open(new_executor: NewExecutor) -> None:
    executor = new_executor()
    await run(executor, "true", "t-0-1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(1, 6):
        await run(executor, "true", f"t-{number}-1")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_places_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Attempts(Path("attempts")).place("x") == tmp_path / "attempts" / "x"
