"""Kills a worker with SIGKILL at a random moment of a three-step task, lets another go on, and looks what happened."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from itops.bootstrap import House
from itops.entrypoints.task_document import document
from itops.settings import load_settings

LINES: Final = ("first", "second", "third")
WORDS: Final = "note the first line and note the second line and note the third line"
_INSTRUCTION: Final = """---
id: play.note-{line}
title: Note the {line} line
platform: linux
effect: change
idempotent: false
phrases: [note the {line} line]
---
Appends one line to a file; running it twice shows.

```bash run
sleep 0.05; printf '%s\\n' {line} >> {file}; sleep 0.05
```
"""
_LIMIT_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.02
Seen = TypeVar("Seen")


@dataclass
class Tally:
    """What a number of plays came to; ``moments`` are how many lines stood when the first worker was killed."""

    plays: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)


class KillPlay:
    """Tasks in one home, each killed and gone on with; every line must stand exactly once."""

    def __init__(self, home: Path, *, seed: int) -> None:
        self._home = home
        self._file = home.with_name(f"{home.name}-notes.txt")  # no script may write into the home itself
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets
        self._seconds = 1.0
        self.tally = Tally()

    def prepare(self) -> None:
        """Publish the play's instructions, and measure how long the task takes when nobody kills it."""
        folder = self._home / "play"
        folder.mkdir(parents=True)
        for line in LINES:
            text = _INSTRUCTION.format(line=line, file=self._file)
            (folder / f"{line}.md").write_text(text)
        self._itops("instructions", "sync", str(folder), "--publish").check_returncode()
        started, task = self._start()
        begun = time.monotonic()
        started.wait(_LIMIT_SECONDS)
        self._seconds = time.monotonic() - begun
        self._look(task)

    def play(self) -> None:
        """One fresh task, killed once or twice, then gone on with to its end."""
        self._file.unlink(missing_ok=True)
        process, task = self._start()
        self._kill_at_random(process)
        self.tally.moments[f"{len(self._lines())} lines"] += 1
        if self._random.random() < 0.25:  # noqa: PLR2004 - a second kill, of the one that goes on
            self._kill_at_random(self._popen("tasks", "resume", task, "--json"), seconds=self._seconds + 2)
        self._go_on(task)
        self._look(task)

    def chain_is_whole(self) -> bool:
        """Whether the audit chain verifies after all of this."""
        return self._itops("audit", "verify").returncode == 0

    def _start(self) -> tuple["subprocess.Popen[str]", str]:
        """A worker with a new task. It is looked for in this process, so that the first moments can be hit too."""
        before = self._newest()
        process = self._popen("run", WORDS, "--auto", "change", "--json")
        while (task := self._newest()) == before:
            if process.poll() is not None:
                raise RuntimeError(f"the worker did not start: {process.communicate()[1]}")
            time.sleep(_LOOK_SECONDS)
        return process, task

    def _newest(self) -> str:
        """The id of the newest task; empty where there is none."""
        views = self._in_house(lambda house: house.app.tasks(limit=1))
        return views[0].id if views else ""

    def _in_house(self, look: Callable[[House], Awaitable[Seen]]) -> Seen:
        house = House(load_settings(home=self._home))

        async def within() -> Seen:
            try:
                return await look(house)
            finally:
                house.close()

        return asyncio.run(within())

    def _kill_at_random(self, process: "subprocess.Popen[str]", seconds: float = 0.0) -> None:
        time.sleep(self._random.uniform(0, seconds or self._seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.tally.kills += 1

    def _go_on(self, task: str) -> None:
        """Resume until the task has ended; a task that had ended already stays as it is."""
        deadline = time.monotonic() + _LIMIT_SECONDS
        while time.monotonic() < deadline:
            self._itops("tasks", "resume", task, "--json")
            if self._document(task)["state"] not in ("running", "waiting"):
                return

    def _look(self, task: str) -> None:
        told = self._document(task)
        lines = self._lines()
        self.tally.plays += 1
        self.tally.states[told["state"]] += 1
        if told["state"] != "succeeded" or lines != list(LINES):
            self.tally.wrong.append(f"{task}: {told['state']}, lines {lines}: {told['because']}")

    def _lines(self) -> list[str]:
        return self._file.read_text().split() if self._file.exists() else []

    def _document(self, task: str) -> dict[str, Any]:
        return document(self._in_house(lambda house: house.app.status(task)))

    def _popen(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "itops.entrypoints.cli", *words],
            env={**os.environ, "ITOPS_HOME": str(self._home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _itops(self, *words: str) -> "subprocess.CompletedProcess[str]":
        process = self._popen(*words)
        out, err = process.communicate(timeout=_LIMIT_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)
