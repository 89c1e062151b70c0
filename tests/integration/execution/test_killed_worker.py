"""A worker that is killed at random moments runs every command exactly once all the same."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

WORKER = Path(__file__).with_name("worker_to_kill.py")
COUNT = 12
KILLS = 20


def start(home: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, WORKER, home, str(COUNT)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def kill(worker: "subprocess.Popen[str]", after: float) -> bool:
    """Kill the worker and its whole process group, that long after its first word; whether it was still at work."""
    worker.stdout.readline()
    time.sleep(after)
    at_work = worker.poll() is None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    return at_work


def test_every_line_is_there_once(tmp_path: Path) -> None:
    moments = random.Random(20)
    killed = 0
    for round_ in range(KILLS):
        home = tmp_path / str(round_)
        home.mkdir()
        for _ in range(2):
            killed += kill(start(home), moments.uniform(0, 0.4))
        said = start(home).communicate()[0].splitlines()
        assert said == [f"{number} succeeded {number}" for number in range(COUNT)]
        lines = (home / "lines").read_text().splitlines()
        assert lines == [f"{word} {number}" for number in range(COUNT) for word in ("start", "end")]
    assert killed >= KILLS


def test_a_killed_wrapper_too_is_never_run_again(tmp_path: Path) -> None:
    """With the wrapper killed as well the outcome is unknown, and said to be so; nothing is repeated."""
    moments = random.Random(21)
    unknown = 0
    for round_ in range(10):
        home = tmp_path / str(round_)
        home.mkdir()
        worker = start(home)
        worker.stdout.readline()
        time.sleep(moments.uniform(0, 0.3))
        for name in os.listdir("/proc"):  # noqa: PTH208 - only the names are wanted
            with contextlib.suppress(OSError):
                if name.isdigit() and str(home).encode() in Path(f"/proc/{name}/cmdline").read_bytes():
                    os.kill(int(name), signal.SIGKILL)
        worker.communicate()
        states = [line.split()[1] for line in start(home).communicate()[0].splitlines()]
        assert len(states) == COUNT
        assert set(states) <= {"succeeded", "unknown"}
        assert states.count("unknown") <= 1
        unknown += states.count("unknown")
        lines = (home / "lines").read_text().splitlines()
        assert len(lines) == len(set(lines))
        assert {f"end {n}" for n, state in enumerate(states) if state == "succeeded"} <= set(lines)
    assert unknown
