"""Runs bash and PowerShell on this machine."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from itops.domain.approval import ApprovedScript
from itops.domain.instruction import Language
from itops.domain.result import Result, ResultState
from itops.domain.sandbox import Sandbox
from itops.domain.script import Script
from itops.domain.secret import Secret
from itops.domain.target import Target
from itops.errors import ItOpsError, StoreError
from itops.execution.attempt_name import action_of, check_attempt_name
from itops.execution.attempts import Attempts, Order
from itops.execution.executor_factory import ExecutorParts
from itops.execution.permission import permitted_script
from itops.execution.process_runner import Show, clean_environment, read_result
from itops.execution.sandbox import Confinement, Sandboxes
from itops.redaction import WITHHELD, Redactor
from itops.secrets.secret_keeper import SecretKeeper

GRACE_SECONDS: Final = 5.0
_INTERPRETERS: Final[dict[Language, tuple[str, ...]]] = {
    "bash": ("bash", "--noprofile", "--norc"),
    "powershell": ("pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-File"),
}
_SCRIPT_NAMES: Final[dict[Language, str]] = {"bash": "script", "powershell": "script.ps1"}


class SystemExecutor:
    """An ``Executor`` for the machine that the worker runs on.

    A command gets a small clean environment, the home directory, umask 022 (what it creates is as readable as what an
    administrator creates at a shell; an instruction that writes a secret sets its own mode), no terminal, and nothing
    on standard input but its declared secrets, one a line in their order.
    """

    def __init__(
        self,
        attempts_dir: Path,
        secrets: SecretKeeper,
        redactor: Redactor,
        *,
        grace_seconds: float = GRACE_SECONDS,
        sandboxes: Sandboxes | None = None,
    ) -> None:
        self._attempts = Attempts(attempts_dir)
        self._sandboxes = sandboxes or Sandboxes(attempts_dir)
        self._secrets, self._redactor, self._grace = secrets, redactor, grace_seconds

    async def run(self, approved: ApprovedScript, target: Target, *, attempt: str, stop: asyncio.Event) -> Result:
        """Run, or reattach; see ``Executor.run``."""
        script = permitted_script(approved, target)
        check_attempt_name(attempt)
        environment = clean_environment(os.environ)
        interpreter = _interpreter(script.language, environment["PATH"])
        if not interpreter:
            note = f"This machine has no interpreter for {script.language} scripts; nothing ran."
            return Result(target=target.name, attempt=attempt, state=ResultState.UNREACHABLE, note=note)
        sandbox = approved.verdict.sandbox
        confinement = await asyncio.to_thread(self._confine, sandbox, attempt, environment) if sandbox else None
        started = self._attempts.place(attempt).exists()
        if stop.is_set() and not started:
            note = "It was stopped before it started; nothing ran."
            return Result(target=target.name, attempt=attempt, state=ResultState.CANCELLED, note=note)
        if sandbox and not confinement and not started:
            note = "This machine has no sandbox for it, and it may only run confined; nothing ran."
            return Result(target=target.name, attempt=attempt, state=ResultState.UNREACHABLE, note=note)
        try:
            stdin = await self._stdin(script, action_of(attempt, target))
        except ItOpsError:
            if not started:
                raise
            stdin = None
        order = replace(self._order(script, interpreter, environment, stdin), confinement=confinement)
        with _disk_errors(attempt):
            place = await self._attempts.carry_out(attempt, order, stop)
            folder = confinement.script_dir if confinement else place
            show = self._show(folder, script, hidden=bool(script.secrets) and stdin is None)
            return await asyncio.to_thread(read_result, place, script, (target.name, attempt), show)

    async def started(self, attempt: str) -> bool:
        """Whether the attempt was started here."""
        return await asyncio.to_thread(self._attempts.place(attempt).exists)

    async def forget(self, attempt: str) -> None:
        """Remove what the attempt left behind but the fact that it was started; see ``sweep``."""
        check_attempt_name(attempt)
        with _disk_errors(attempt):
            await asyncio.to_thread(self._attempts.forget, attempt)

    async def sweep(self, *, older_than_seconds: float = 30 * 86400.0) -> int:
        """Remove the traces of attempts forgotten long ago; how many there were."""
        return await asyncio.to_thread(self._attempts.sweep, older_than_seconds=older_than_seconds)

    def confines(self, sandbox: Sandbox) -> bool:
        """Whether this machine has a sandbox that shows all that the script must be shown."""
        return bool(self._sandboxes.name_for(sandbox))

    def _confine(self, sandbox: Sandbox, attempt: str, environment: dict[str, str]) -> Confinement | None:
        return self._sandboxes.confine(sandbox, self._attempts.place(attempt), environment["HOME"])

    async def _stdin(self, script: Script, action: str) -> Secret | None:
        """The secrets' lines. The redactor knows every value before any output is read."""
        values = []
        for spec in script.secrets:
            secret = await self._secrets.resolve(spec, key=action)
            self._redactor.learn(secret, spec.name)
            values.append(secret.reveal())
        return Secret("".join(f"{value}\n" for value in values)) if values else None

    def _order(
        self, script: Script, interpreter: tuple[str, ...], environment: dict[str, str], stdin: Secret | None
    ) -> Order:
        home = Path(environment["HOME"])
        return Order(
            digest=script.digest,
            interpreter=interpreter,
            script_name=_SCRIPT_NAMES[script.language],
            text=script.text,
            limits=script.limits,
            environment=environment,
            directory=home if home.is_dir() else Path("/"),
            stdin=stdin,
            grace_seconds=self._grace,
        )

    def _show(self, folder: Path, script: Script, *, hidden: bool) -> Show:
        """Where a secret can't be had any more, output that may show it is withheld."""
        redact = (lambda _: WITHHELD) if hidden else self._redactor.redact
        return Show(redact, seam=4 * self._redactor.longest, script=folder / _SCRIPT_NAMES[script.language])


def create(parts: ExecutorParts) -> SystemExecutor:
    """The entry point ``system``."""
    return SystemExecutor(parts.home / "attempts", parts.secrets, parts.redactor)


@contextlib.contextmanager
def _disk_errors(attempt: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"What the attempt {attempt} left can't be read or removed: {error}.",
            world="It may have run, and its result is still there; it is not started again.",
            mend="Mend the disk or its permissions, then `itops tasks resume ID`.",
        ) from error


def _interpreter(language: Language, path: str) -> tuple[str, ...]:
    """Its absolute path and arguments; empty where this machine has none."""
    name, *arguments = _INTERPRETERS.get(language, ("",))
    program = shutil.which(name, path=path) if name else None
    return (program, *arguments) if program else ()
