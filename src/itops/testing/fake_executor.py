"""An executor that runs nothing: for each script it does as it was taught."""

import asyncio
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from itops.domain.approval import ApprovedScript
from itops.domain.result import Output, Result, ResultState
from itops.domain.sandbox import Sandbox
from itops.domain.script import Limits, Script
from itops.domain.target import Target
from itops.execution.permission import permitted_script
from itops.execution.process_runner import Show, read_kept


@dataclass(frozen=True)
class Behaviour:
    """What a command would do. ``seconds`` is how long it is silent before it prints and ends.

    ``unknown`` stands for a wrapper that was killed: it started, and nobody knows how it ended.
    """

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0
    seconds: float = 0.0
    unknown: bool = False
    unreachable: bool = False


class FakeExecutor:
    """An ``Executor`` in memory: at most once for an attempt id, within limits, stoppable.

    ``behaviours`` are found by the script's text; a text that is not there does as ``otherwise`` says. ``starts`` are
    the attempts that were started, in order; ``stdin`` of a command is not simulated.
    """

    def __init__(
        self, behaviours: Mapping[str, Behaviour] | None = None, *, otherwise: Behaviour = Behaviour()
    ) -> None:
        self.behaviours, self.otherwise = dict(behaviours or {}), otherwise
        self.starts: list[str] = []
        self.scripts: list[Script] = []
        self.forgotten: list[str] = []
        self._results: dict[str, Result] = {}
        self._lock = threading.Lock()

    async def run(self, approved: ApprovedScript, target: Target, *, attempt: str, stop: asyncio.Event) -> Result:
        """Pretend to run, or give the result that the attempt already has."""
        script = permitted_script(approved, target)
        behaviour = self.behaviours.get(script.text, self.otherwise)
        with self._lock:
            if attempt in self._results:
                return self._results[attempt]
            first = attempt not in self.starts
            if first and (behaviour.unreachable or stop.is_set()):
                state = ResultState.UNREACHABLE if behaviour.unreachable else ResultState.CANCELLED
                return Result(target=target.name, attempt=attempt, state=state, note="Nothing ran.")
            if first:
                self.starts.append(attempt)
                self.scripts.append(script)
        result = await _perform(behaviour, script.limits, stop, (target.name, attempt))
        with self._lock:
            return self._results.setdefault(attempt, result)

    def confines(self, sandbox: Sandbox) -> bool:
        """Always: what runs nothing harms nothing."""
        del sandbox
        return True

    async def started(self, attempt: str) -> bool:
        """Whether the attempt was started."""
        return attempt in self.starts

    async def forget(self, attempt: str) -> None:
        """Note that the attempt may be forgotten."""
        self.forgotten.append(attempt)


async def _perform(behaviour: Behaviour, limits: Limits, stop: asyncio.Event, identity: tuple[str, str]) -> Result:
    target, attempt = identity
    if behaviour.unknown:
        return Result(target=target, attempt=attempt, state=ResultState.UNKNOWN, note="Its wrapper was killed.")
    longest = min(limits.time_limit_seconds, limits.idle_limit_seconds)
    try:
        await asyncio.wait_for(stop.wait(), min(behaviour.seconds, longest))
        return Result(target=target, attempt=attempt, state=ResultState.CANCELLED, exit_code=143)
    except TimeoutError:
        if behaviour.seconds > longest:
            return Result(target=target, attempt=attempt, state=ResultState.TIMED_OUT, exit_code=143)
    return Result(
        target=target,
        attempt=attempt,
        state=ResultState.SUCCEEDED if behaviour.exit_code == 0 else ResultState.FAILED,
        exit_code=behaviour.exit_code,
        stdout=_capped(behaviour.stdout, limits.output_limit_bytes),
        stderr=_capped(behaviour.stderr, limits.output_limit_bytes),
        seconds=behaviour.seconds,
    )


def _capped(data: bytes, limit: int) -> Output:
    half = limit // 2
    kept = data if len(data) <= limit else data[:half] + data[-(limit - half) :]
    return read_kept(kept, {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}, limit, Show(str))
