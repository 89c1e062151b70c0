"""``itops run``: one task from words to answer, at a terminal or without one."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable
from typing import cast, get_args

from itops.app import Wish
from itops.bootstrap import House
from itops.domain.task import Auto, TaskState
from itops.entrypoints.session import in_session, local_person
from itops.entrypoints.task_document import document
from itops.entrypoints.terminal import Terminal, ask_line, print_json
from itops.errors import UsageError
from itops.workflow.task_view import TaskView


def run_words(words: str, *, targets: list[str], agent: str, dry_run: bool, auto: str, as_json: bool) -> int:
    """Run one task; the exit code says how it ended."""
    if auto not in get_args(Auto):
        raise UsageError(f"--auto takes none, read or change, not {auto!r}.")
    wish = Wish(
        words=words,
        requester=local_person(),
        targets=tuple(targets),
        agent=agent,
        auto=cast("Auto", auto),
        dry_run=dry_run,
    )

    async def work(house: House) -> int:
        task = await house.app.submit(wish)
        terminal = Terminal(to_stderr=as_json)
        try:
            return await follow(house, task.id, as_json=as_json, terminal=terminal)
        except asyncio.CancelledError:
            # Ctrl-C means the task, not only this window: say so, and wait for its honest end.
            with contextlib.suppress(UsageError):  # it had ended already
                await house.app.cancel(task.id, by=wish.requester, reason="Ctrl-C")
            return await follow(house, task.id, as_json=as_json, terminal=terminal)

    return in_session(work)


async def follow(house: House, task: str, *, after: int = 0, as_json: bool, terminal: Terminal | None = None) -> int:
    """Show a task until it ends, or waits for a person and nobody is here to ask."""
    at_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    terminal = terminal or Terminal(to_stderr=as_json)
    view = TaskView()
    for record in await house.journal.read(task=task):
        view.fold(record)
        if record.seq > after:
            terminal.show(record)
    while True:
        await _until_pause(house, view, terminal)
        if view.state.ended or not at_terminal or not await _asked(house, view):
            break
    secrets = await _secrets(house, view)
    if as_json:
        print_json({**document(view), **({"secrets": secrets} if secrets else {})})
    else:
        terminal.close(view, secrets)
    if view.state.ended:
        await house.app.settled(task)
    return view.exit_code


async def _until_pause(house: House, view: TaskView, terminal: Terminal) -> None:
    if view.state is not TaskState.RUNNING:
        return
    async for record in house.app.watch(view.id, after=view.seq):
        view.fold(record)
        terminal.show(record)
        if view.state is not TaskState.RUNNING:
            return


async def _secrets(house: House, view: TaskView) -> dict[str, str]:
    """What was generated for this person, now that the task has ended; shown once."""
    person = local_person()
    if not view.state.ended or view.task is None or view.task.requester.id != person.id:
        return {}
    revealed = await house.app.reveal(view.id, by=person)
    return {name: secret.reveal() for name, secret in revealed.items()}


async def _asked(house: House, view: TaskView) -> bool:
    """Put what the task waits for to the person at the terminal; false where it can't be asked here."""
    question, approval, me = view.question, view.approval, local_person()
    if question is not None:
        answer = await ask_line("Your answer: ")
        if not answer.strip():
            return False
        speaking: Awaitable[object] = house.app.answer(view.id, answer, by=me)
    elif approval is not None:
        said = (await ask_line("Run exactly this? [y/N] ")).strip().lower()
        reason = "" if said in ("y", "yes") else (await ask_line("Why not? ")).strip() or "not wanted"
        speaking = house.app.decide(approval.id, approve=not reason, by=me, reason=reason)
    else:
        return False
    try:
        await speaking
    except UsageError as error:  # somebody else, or the clock, spoke first; or the answer can't be taken
        sys.stderr.write(f"{error}\n")
        now = await house.app.status(view.id)
        if (now.question, now.approval) == (question, approval):
            return True
    view.question = view.approval = None
    return True
