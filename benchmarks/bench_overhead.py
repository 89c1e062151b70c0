"""What the whole way costs without a model and without a command: warm, one task after the other.

Beside it, in the same run: ten empty DBOS steps on the same kind of database, and the same task with a real command.
"""

import asyncio
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path

from itops.app import Wish
from itops.bootstrap import House
from itops.domain.identity import Person
from itops.domain.task import TaskState
from itops.execution.fan_out import Runner
from itops.settings import load_settings
from itops.testing.fake_executor import FakeExecutor

ROUNDS = 40
WORDS = "show the benchmark's greeting"
INSTRUCTION = """---
id: bench.greeting
title: Show the benchmark's greeting
platform: linux
effect: read
phrases: [show the benchmark's greeting]
---
Prints a word.

```bash run
printf 'hello\\n'
```
"""


def median_ms(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(times) * 1000:.1f} | {ordered[int(len(ordered) * 0.95)] * 1000:.1f}"


async def tasks(house: House) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        task = await house.app.submit(Wish(words=WORDS, requester=Person(id="bench")))
        await house.app.settled(task.id)
        times.append(time.perf_counter() - begun)
        state = (await house.app.status(task.id)).state
        assert state is TaskState.SUCCEEDED, state
    return times[5:]


async def empty_steps() -> list[float]:
    from dbos import DBOS

    async def nothing() -> None:
        return None

    @DBOS.workflow(name="empty")
    async def ten() -> None:
        for _ in range(10):
            await DBOS.run_step_async({"name": "nothing"}, nothing)

    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await ten()
        times.append(time.perf_counter() - begun)
    return times[5:]


async def measure(folder: Path) -> str:
    os.environ["ITOPS_HOME"] = str(folder / "home")
    (folder / "greeting.md").write_text(INSTRUCTION)
    house = House(load_settings())
    library = await house.filled_library()
    await library.sync(folder, by=Person(id="bench"), publish=True)
    house.__dict__["runner"] = Runner({"system": FakeExecutor()}, house.journal)
    without = await tasks(house)
    steps = await empty_steps()
    house.close()
    house = House(load_settings())
    await house.filled_library()
    with_command = await tasks(house)
    house.close()
    return (
        "| | median ms | p95 ms |\n| --- | --- | --- |\n"
        f"| the whole way, no model, no command (to reach: at most 100) | {median_ms(without)} |\n"
        f"| the whole way, with a real command (printf) | {median_ms(with_command)} |\n"
        f"| ten empty DBOS steps | {median_ms(steps)} |\n"
        f"\nRatio of the whole way to ten empty steps: {statistics.median(without) / statistics.median(steps):.1f}\n"
    )


def main() -> None:
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        text = asyncio.run(measure(Path(folder)))
    print(text)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "overhead.md").write_text("# Overhead of the whole way\n\n" + text)


if __name__ == "__main__":
    main()
