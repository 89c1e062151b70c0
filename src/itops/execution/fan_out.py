"""The one place that runs: it records the intent, calls the executor, and records what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from itops.domain.approval import ApprovedScript
from itops.domain.event import Journal, RunFinished, RunIntended
from itops.domain.result import Result
from itops.domain.sandbox import Sandbox
from itops.domain.script import Script
from itops.domain.target import Target
from itops.errors import NotPermitted, TargetUnreachable
from itops.execution.attempt_name import attempt_name
from itops.execution.executor_base import Executor

AT_ONCE: Final = 10
_HERE: Final = "system"


class Runner:
    """Runs an approved script on its targets. What can't be recorded does not run."""

    def __init__(self, executors: Mapping[str, Executor], journal: Journal) -> None:
        self._executors, self._journal = executors, journal

    async def run(
        self, approved: ApprovedScript, *, task: str, action: str, attempt: int, stop: asyncio.Event
    ) -> tuple[Result, ...]:
        """One result for each target, in the script's order.

        Called again with the same action and attempt it reattaches, or returns what is recorded.

        Raises:
            NotPermitted: it is not an approved script. Nothing ran.
            TargetUnreachable: a target names an executor that is not there. Nothing ran, on any target.
            JournalError: intent or result can't be recorded; without its intent recorded nothing runs on a target.
            StoreError: an attempt can't be recorded; nothing ran on that target.
        """
        self._check(approved)
        places = asyncio.Semaphore(AT_ONCE)

        async def one(target: Target) -> Result:
            key = f"{action}.{attempt}.{target.name}"
            done = await self._journal.find(task, f"{key}.finished")
            if done and isinstance(done.event, RunFinished):
                return done.event.result
            name = attempt_name(action, attempt, target)
            intended = RunIntended(
                task=task,
                key=f"{key}.intended",
                action=action,
                attempt=name,
                target=target.name,
                digest=approved.script.digest,
                approval=approved.approval.id if approved.approval else "",
                instruction=approved.script.instruction,
            )
            async with places:
                await self._journal.append(intended)
                result = await self._executors[target.executor].run(approved, target, attempt=name, stop=stop)
                return await self._record(RunFinished(task=task, key=f"{key}.finished", action=action, result=result))

        return await _all(one, approved.script.targets)

    async def started(self, script: Script, *, action: str, attempt: int) -> bool:
        """Whether this attempt was started on any target: then its results are read, whatever the permission is now."""
        for target in script.targets:
            executor = self._executors.get(target.executor)
            if executor and await executor.started(attempt_name(action, attempt, target)):
                return True
        return False

    async def reach(self, target: Target) -> None:
        """Reach a target, and do nothing there; this machine is reached always.

        Raises:
            TargetUnreachable: with the reason why not.
        """
        executor = self._executors.get(target.executor)
        reach = getattr(executor, "reach", None)
        if reach is not None:
            await reach(target)
        elif target.executor != _HERE:
            raise TargetUnreachable(
                f"The executor {target.executor!r} {'can only run, not try' if executor else 'is not there'}.",
                mend=f"There are: {', '.join(sorted(self._executors))}; a plugin may bring others.",
            )

    def confines(self, targets: tuple[Target, ...], sandbox: Sandbox) -> bool:
        """Whether a script can be confined so on every one of these targets."""
        return all(
            target.executor in self._executors and self._executors[target.executor].confines(sandbox)
            for target in targets
        )

    async def forget(self, target: Target, attempt: str) -> None:
        """Remove what an attempt left behind. Call it once its result is recorded for good."""
        await self._executors[target.executor].forget(attempt)

    def _check(self, approved: object) -> None:
        if not isinstance(approved, ApprovedScript):
            raise NotPermitted(f"Only an approved script may run, not a {type(approved).__name__}.")
        for target in approved.script.targets:
            if target.executor not in self._executors:
                raise TargetUnreachable(
                    f"The target {target.name} is reached by the executor {target.executor!r}, which is not there.",
                    world="Nothing ran, on any target.",
                    mend=f"Use one of: {', '.join(sorted(self._executors))}; or install the plugin that brings it.",
                )

    async def _record(self, finished: RunFinished) -> Result:
        """The result that stands: another worker's, if it was first."""
        stands = (await self._journal.append(finished)).event
        return stands.result if isinstance(stands, RunFinished) else finished.result


async def _all(one: Callable[[Target], Awaitable[Result]], targets: tuple[Target, ...]) -> tuple[Result, ...]:
    """Every target gets to its end before the first error, if any, is raised."""
    ends = await asyncio.gather(*(one(target) for target in targets), return_exceptions=True)
    results = tuple(end for end in ends if isinstance(end, Result))
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return results
