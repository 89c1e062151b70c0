"""An engine without durability, for unit tests: the story on this event loop, its waits in memory."""

import asyncio
from collections import defaultdict
from typing import Any, cast

from itops.domain.task import Task, TaskState
from itops.workflow.steps import Steps
from itops.workflow.task_steps import TaskSteps
from itops.workflow.task_workflow import Bounds, run_task


class MemoryEngine:
    """Implements the facade's ``Engine``; a task dies with the process."""

    def __init__(self, steps: TaskSteps, bounds: Bounds | None = None) -> None:
        self._steps = steps
        self._bounds = bounds or Bounds()
        self._nudges: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._running: dict[str, asyncio.Task[TaskState]] = {}

    def launch(self) -> None:
        """Nothing stands in its way."""

    async def start(self, task: Task) -> None:
        """Start the story of a task."""
        if task.id not in self._running:
            story = run_task(task, cast("Steps", _Lines(self._steps, self._nudges[task.id])), self._bounds)
            self._running[task.id] = asyncio.create_task(story)

    async def nudge(self, task: str) -> None:
        """Wake the task."""
        self._nudges[task].set()

    def check(self, task: str) -> None:
        """Raise what the story raised."""
        story = self._running[task]
        error = story.exception() if story.done() else None
        if error:
            raise error

    async def settled(self, task: str) -> None:
        """Wait for the end of the story."""
        await self._running[task]

    async def watch_for_dead(self) -> None:
        """Nobody else's tasks are known here."""


class _Lines:
    """The steps as they are, with a wait in memory."""

    def __init__(self, steps: TaskSteps, nudge: asyncio.Event) -> None:
        self._steps = steps
        self._nudge = nudge

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever line the story asks for
        return getattr(self._steps, name)

    async def nudged(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._nudge.wait(), timeout=seconds)
        except TimeoutError:
            return
        self._nudge.clear()
