import asyncio
import os
import signal
import subprocess
import sys

import pytest

from itops.domain.task import TaskState
from itops.testing.durable_house import TEXTS, open_house

PROGRAM = """
from itops.entrypoints import cli, session
from itops.testing.durable_house import DurableHouse

session.House = lambda settings: DurableHouse(settings.home)
cli.main()
"""


@pytest.fixture
def worker(home):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "worker"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_says_that_it_works_and_ends_well_when_told_to_stop(worker, number):
    assert worker.stdout.readline().startswith("Working.")
    worker.send_signal(number)
    out, err = worker.communicate(timeout=30)
    assert (worker.returncode, out, err) == (0, "", "")


async def test_a_worker_takes_over_what_a_dead_process_left(home):
    (home / "hold").touch()
    dead = subprocess.Popen(
        [sys.executable, "-m", "itops.testing.durable_house", str(home), "submit"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    task = dead.stdout.readline().strip()
    async with asyncio.timeout(60):
        while not (home / "held").exists():
            await asyncio.sleep(0.01)
    os.kill(dead.pid, signal.SIGKILL)
    dead.communicate()
    (home / "hold").unlink()
    worker = subprocess.Popen([sys.executable, "-c", PROGRAM, "worker"], stdout=subprocess.PIPE, text=True)
    try:
        with open_house(home) as house:
            async with asyncio.timeout(60):
                while not (view := await house.app.status(task)).state.ended:
                    await asyncio.sleep(0.05)
            assert (view.state, house.ran) == (TaskState.SUCCEEDED, list(TEXTS))
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
