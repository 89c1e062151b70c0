"""Runs bash and PowerShell on other machines, over SSH."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

from itops.domain.approval import ApprovedScript
from itops.domain.connection import Connection
from itops.domain.instruction import SecretSpec
from itops.domain.result import Result, ResultState
from itops.domain.sandbox import Sandbox
from itops.domain.script import Limits, Script
from itops.domain.secret import Secret
from itops.domain.target import Target
from itops.errors import ItOpsError, NotPermitted, TargetUnreachable
from itops.execution.attempt_name import action_of, check_attempt_name
from itops.execution.executor_factory import ConnectionOf, ExecutorParts
from itops.execution.permission import permitted_script
from itops.execution.process_runner import Show
from itops.execution.remote_attempts import Answer, RemoteOrder, inquiry, read_remote_result, runs
from itops.execution.sent_marks import Mark, SentMarks
from itops.execution.ssh_channel import CONVERSATION_ERRORS, converse
from itops.execution.ssh_delivery import Delivery
from itops.execution.ssh_pool import LoopThread, Patience, Pool
from itops.redaction import WITHHELD, Redactor
from itops.secrets.secret_keeper import SecretKeeper

GRACE_SECONDS: Final = 5.0
REATTACH_SECONDS: Final = 120.0


class SshExecutor:
    """An ``Executor`` for machines that an SSH server runs on.

    A command gets what it gets on this machine: a small clean environment, the home directory, umask 022, no terminal,
    and nothing on standard input but its declared secrets. The far side needs a POSIX shell, ``/proc`` and the usual
    small tools; for bash scripts, bash.

    Args:
        home: Where this machine remembers what it sent.
        connections: How each target is reached.
        secrets: Where passwords and declared secrets come from.
        redactor: Is told every value before any output is read.
        patience: How long to wait for a login and for signs of life, and when to close an unused connection.
        grace_seconds: Between TERM and KILL.
        reattach_seconds: How long to go on trying when a link is lost and something may have run.
    """

    def __init__(
        self,
        home: Path,
        connections: ConnectionOf,
        secrets: SecretKeeper,
        redactor: Redactor,
        *,
        patience: Patience | None = None,
        grace_seconds: float = GRACE_SECONDS,
        reattach_seconds: float = REATTACH_SECONDS,
    ) -> None:
        self._marks = SentMarks(home)
        self._connections, self._secrets, self._redactor = connections, secrets, redactor
        self._grace, self._reattach = grace_seconds, reattach_seconds
        self._thread = LoopThread()
        self._pool = Pool(self._login_password, patience or Patience())

    async def run(self, approved: ApprovedScript, target: Target, *, attempt: str, stop: asyncio.Event) -> Result:
        """Run, or reattach; see ``Executor.run``."""
        script = permitted_script(approved, target)
        check_attempt_name(attempt)
        mark = await asyncio.to_thread(self._marks.find, attempt)
        if mark and mark.digest != script.digest:
            raise NotPermitted(f"The attempt {attempt} was made for another script than the one to run.")
        if not mark and (early := _not_begun(approved, target, attempt, stop)):
            return early
        try:
            connection = self._connection(target)
        except TargetUnreachable as error:
            return _no_contact(target, attempt, error, may_have_run=mark is not None)
        order, hidden = await self._order(script, target, attempt, connection, is_sent=mark is not None)
        delivery = Delivery(self._pool, self._marks, connection, target, order, self._reattach)
        try:
            answer = await self._follow(delivery, mark, stop)
        except TargetUnreachable as error:
            return _no_contact(target, attempt, error, may_have_run=delivery.may_have_run)
        if answer.words == ("other",):
            raise NotPermitted(f"The attempt {attempt} was made for another script than the one to run.")
        redact = (lambda _: WITHHELD) if hidden else self._redactor.redact
        seam = 4 * self._redactor.longest
        return await asyncio.to_thread(
            read_remote_result,
            answer,
            script,
            (target.name, attempt),
            lambda path: Show(redact, seam=seam, script=path),
        )

    async def started(self, attempt: str) -> bool:
        """Whether the attempt was sent from here."""
        return await asyncio.to_thread(self._marks.find, attempt) is not None

    async def forget(self, attempt: str) -> None:
        """Remove what the attempt left on its target but the fact that it was there.

        A target that can't be reached keeps it; ``forget`` may be called again.
        """
        check_attempt_name(attempt)
        mark = await asyncio.to_thread(self._marks.find, attempt)
        if mark is None:
            return
        order = RemoteOrder(attempt, mark.digest, "bash", "", Limits())
        try:
            await self._thread.run(self._clear(self._connection(mark.target), order))
        except TargetUnreachable:
            return
        await asyncio.to_thread(self._marks.forget, attempt)

    async def sweep(self, *, older_than_seconds: float = 30 * 86400.0) -> int:
        """Remove what is remembered of attempts forgotten long ago; how many there were. Targets do so themselves."""
        return await asyncio.to_thread(self._marks.sweep, older_than_seconds=older_than_seconds)

    def confines(self, sandbox: Sandbox) -> bool:  # noqa: ARG002 - the port's
        """No sandbox of other machines is known."""
        return False

    async def reach(self, target: Target) -> None:
        """Log in, and do nothing.

        Raises:
            TargetUnreachable: with the reason why not.
        """
        await self._thread.run(self._touch(self._connection(target)))

    async def close(self) -> None:
        """Close every connection; commands go on."""
        await self._thread.run(self._pool.close())

    def _connection(self, target: Target) -> Connection:
        connection = self._connections(target)
        if target.address and connection.address != target.address:
            raise TargetUnreachable(
                f"{target.name} is reached at {connection.address} now, and it was approved at {target.address}.",
                mend="Start the task again, so that what runs there is judged for that address.",
            )
        return connection

    async def _order(
        self, script: Script, target: Target, attempt: str, connection: Connection, *, is_sent: bool
    ) -> tuple[RemoteOrder, bool]:
        """The order, and whether its output must be withheld, since a secret can't be had any more."""
        order = RemoteOrder(
            attempt, script.digest, script.language, script.text, script.limits, grace_seconds=self._grace
        )
        values = []
        try:
            for spec in script.secrets:
                secret = await self._secrets.resolve(spec, key=action_of(attempt, target))
                self._redactor.learn(secret, spec.name)
                values.append(secret.reveal())
            sudo = await self._named(connection.sudo_password, "sudo-password") if connection.sudo_password else None
        except ItOpsError:
            if not is_sent:
                raise
            return order, True
        lines = Secret("".join(f"{value}\n" for value in values)) if values else None
        return replace(order, stdin=lines, sudo_password=sudo), False

    async def _follow(self, delivery: Delivery, mark: Mark | None, stop: asyncio.Event) -> Answer:
        """Its answer; a stop in the caller's loop becomes one in the connections' loop."""
        loop = self._thread.loop
        working = asyncio.ensure_future(self._thread.run(delivery.answer(mark)))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                loop.call_soon_threadsafe(delivery.stop)
            return await working
        finally:
            stopping.cancel()
            working.cancel()

    async def _clear(self, connection: Connection, order: RemoteOrder) -> None:
        async with self._pool.place(connection) as link:
            try:
                await converse(link, inquiry(order, "forget"))
            except CONVERSATION_ERRORS as error:
                raise TargetUnreachable(f"What {order.attempt} left can't be removed: {error}.") from error

    async def _touch(self, connection: Connection) -> None:
        async with self._pool.link(connection):
            pass

    async def _login_password(self, name: str) -> str:
        return (await self._named(name, "login-password")).reveal()

    async def _named(self, reference: str, label: str) -> Secret:
        """A secret that a connection names: the reference of its source."""
        secret = await self._secrets.resolve(SecretSpec(name=label, source=reference), key=label)
        self._redactor.learn(secret, label)
        return secret


def create(parts: ExecutorParts) -> SshExecutor:
    """The entry point ``ssh``."""
    return SshExecutor(parts.home / "sent", parts.connections, parts.secrets, parts.redactor)


def _not_begun(approved: ApprovedScript, target: Target, attempt: str, stop: asyncio.Event) -> Result | None:
    """Why an attempt that was never sent is not sent now; None where it may be."""
    language = approved.script.language
    state, note = ResultState.UNREACHABLE, ""
    if stop.is_set():
        state, note = ResultState.CANCELLED, "It was stopped before it started; nothing ran."
    elif not runs(language):
        note = f"Scripts of the language {language} don't run over SSH; nothing ran."
    elif approved.verdict.sandbox:
        note = "There is no sandbox for it on that machine, and it may only run confined; nothing ran."
    return Result(target=target.name, attempt=attempt, state=state, note=note) if note else None


def _no_contact(target: Target, attempt: str, error: TargetUnreachable, *, may_have_run: bool) -> Result:
    if may_have_run:
        note = f"{error.what} It was sent there before, and may have run."
        return Result(target=target.name, attempt=attempt, state=ResultState.UNKNOWN, note=note)
    note = f"{error.what} Nothing ran. {error.mend}"
    return Result(target=target.name, attempt=attempt, state=ResultState.UNREACHABLE, note=note)
