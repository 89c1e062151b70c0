"""``itops tasks``: what became of tasks, and what a person can do with them."""

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from itops.entrypoints.options import AsJson, Reason

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.domain.instruction import Instruction

group = typer.Typer(help="Tasks and what became of them.")
TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id.")]


@group.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """Tasks and what became of them."""
    if context.invoked_subcommand is None:
        list_()


@group.command("list")
def list_(*, json: AsJson = False, limit: Annotated[int, typer.Option(help="How many of the newest.")] = 20) -> None:
    """The newest tasks."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.task_document import summary
    from itops.entrypoints.terminal import show_rows

    async def work(house: "House") -> list[dict[str, object]]:
        return [summary(view) for view in await house.app.tasks(limit=limit)]

    show_rows(in_session(work), as_json=json)


@group.command("show")
def show(task: TaskId, *, json: AsJson = False) -> None:
    """One task, with all that happened in it."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.task_document import document
    from itops.entrypoints.terminal import Terminal, print_json

    async def work(house: "House") -> None:
        if json:
            print_json(document(await house.app.status(task)))
            return
        await house.app.status(task)
        terminal = Terminal()
        for record in await house.journal.read(task=task):
            terminal.show(record)

    in_session(work)


@group.command("watch")
def watch(task: TaskId, *, json: AsJson = False) -> None:
    """Follow a task until it ends or waits for a person."""

    async def nothing(house: "House") -> None:
        del house

    _go_on(task, nothing, as_json=json)


@group.command("answer")
def answer(task: TaskId, text: Annotated[str, typer.Argument(help="The answer.")], *, json: AsJson = False) -> None:
    """Answer a task's question; the task goes on."""
    from itops.entrypoints.session import local_person

    _go_on(task, lambda house: house.app.answer(task, text, by=local_person()), as_json=json)


@group.command("cancel")
def cancel(task: TaskId, *, reason: Reason = "", json: AsJson = False) -> None:
    """Stop a task; what ran before stands."""
    from itops.entrypoints.session import local_person

    _go_on(task, lambda house: house.app.cancel(task, by=local_person(), reason=reason), as_json=json)


@group.command("resume")
def resume(task: TaskId, *, json: AsJson = False) -> None:
    """Go on with a task whose process is dead."""
    _go_on(task, lambda house: house.app.resume(task), as_json=json)


@group.command("resolve")
def resolve(
    task: TaskId,
    *,
    seen: Annotated[str, typer.Option("--as", help="done or not-done: what a look at the target showed.")],
    reason: Annotated[str, typer.Option(help="What you saw.")],
    json: AsJson = False,
) -> None:
    """Say whether an unknown outcome was done, after looking."""
    from itops.entrypoints.session import local_person
    from itops.errors import UsageError

    if seen not in ("done", "not-done"):
        raise UsageError(f"--as takes done or not-done, not {seen!r}.", world="Nothing changed.")
    _go_on(
        task,
        lambda house: house.app.resolve(task, done=seen == "done", reason=reason, by=local_person()),
        as_json=json,
    )


@group.command("reveal")
def reveal(task: TaskId, *, json: AsJson = False) -> None:
    """Show the secrets that were generated for your task, once."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import print_json, say

    secrets = in_session(lambda house: house.app.reveal(task, by=local_person()))
    shown = {name: secret.reveal() for name, secret in secrets.items()}
    if json:
        print_json(shown)
    else:
        say("\n".join(f"{name}: {value}" for name, value in shown.items()) or "There is nothing (more) to reveal.")


@group.command("feedback")
def feedback(
    task: TaskId,
    opinion: Annotated[str, typer.Argument(metavar="helped|wrong|outdated", help="What it was worth.")],
    *,
    instruction: Annotated[str, typer.Option(help="Of this instruction alone; else of all that the task used.")] = "",
    comment: Annotated[str, typer.Option(help="What was good or wrong, for whoever reviews it.")] = "",
    json: AsJson = False,
) -> None:
    """Say whether a task's instructions helped; it counts in their rank, and in what is to be reviewed."""
    from itops.domain.instruction import Opinion
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import print_json, say
    from itops.errors import UsageError

    if opinion not in get_args(Opinion):
        raise UsageError(f"Say {', '.join(get_args(Opinion))}, not {opinion!r}.", world="Nothing was recorded.")
    said, me = cast("Opinion", opinion), local_person()
    refs = in_session(lambda house: house.app.feedback(task, said, by=me, instruction=instruction, comment=comment))
    if json:
        print_json([{"id": ref.id, "version": ref.version, "opinion": opinion} for ref in refs])
    else:
        say("\n".join(f"{ref.id}, version {ref.version[:12]}: {opinion}" for ref in refs))


@group.command("save")
def save(
    task: TaskId,
    *,
    identity: Annotated[str, typer.Option("--id", help="The new instruction's id, such as acme.user.onboard.")],
    title: Annotated[str, typer.Option(help="Its title; else made of the task's words.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the draft; keep nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Save a task that succeeded as a draft instruction, and show it."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import print_json, say, say_aside
    from itops.instructions.runbooks.runbook_loader import lint, to_markdown

    async def work(house: "House") -> "Instruction":
        if dry_run:
            return await house.app.draft(task, identity=identity, title=title)
        return await house.app.save(task, identity=identity, title=title, by=local_person())

    made = in_session(work)
    text, findings = to_markdown(made), lint(made)
    if json:
        print_json({"id": made.id, "version": made.version, "saved": not dry_run, "text": text, "findings": findings})
        return
    say(text)
    say_aside("\n".join([*findings, "" if dry_run else f"Saved as the draft {made.id}. Review it, then publish it."]))


def _go_on(task: str, act: "Act", *, as_json: bool) -> None:
    """Do one thing to a task, then follow it until it ends or waits again."""
    from itops.entrypoints.run_task import follow
    from itops.entrypoints.session import in_session

    async def work(house: "House") -> int:
        before = (await house.app.status(task)).seq
        await act(house)
        return await follow(house, task, after=before, as_json=as_json)

    raise typer.Exit(in_session(work))


if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    Act = Callable[[House], Coroutine[Any, Any, None]]
