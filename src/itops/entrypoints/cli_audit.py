"""``itops audit``: the journal of everything that happened."""

from typing import TYPE_CHECKING, Annotated

import typer

from itops.entrypoints.options import AsJson

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.domain.event import Record

group = typer.Typer(help="The journal of everything that happened.")


@group.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """The journal of everything that happened."""
    if context.invoked_subcommand is None:
        show()


@group.command("show")
def show(
    *,
    task: Annotated[str, typer.Option(help="Of one task only.")] = "",
    limit: Annotated[int, typer.Option(help="How many of the newest.")] = 50,
    json: AsJson = False,
) -> None:
    """The newest records."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json, show_rows

    async def work(house: "House") -> "list[Record]":
        return await house.journal.read(task=task, newest=limit)

    records = in_session(work)
    if json:
        print_json([record.model_dump(mode="json") for record in records])
        return
    rows = [
        {
            "seq": record.seq,
            "at": record.at.isoformat(timespec="seconds"),
            "task": record.event.task,
            "event": record.event.kind,
            "key": record.event.key,
            "hash": record.hash[:12],
        }
        for record in records
    ]
    show_rows(rows, as_json=False)


@group.command("verify")
def verify(*, json: AsJson = False) -> None:
    """Whether the chain is whole; the first broken link is named. 0 whole, 1 broken."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json, say

    async def work(house: "House") -> int:
        seen = await house.verify_journal()
        if json:
            print_json({"ok": seen.ok, "checked": seen.checked, "broken_at": seen.broken_at, "problem": seen.problem})
        elif seen.ok:
            say(f"The journal is whole: {seen.checked} records checked.")
        else:
            say(f"The journal is broken at record {seen.broken_at}: {seen.problem}")
        return 0 if seen.ok else 1

    raise typer.Exit(in_session(work))


@group.command("export")
def export() -> None:
    """Every record, one JSON line each, with what is needed to verify the chain elsewhere."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import say

    async def work(house: "House") -> None:
        async for line in house.export_journal():
            say(line)

    in_session(work)
