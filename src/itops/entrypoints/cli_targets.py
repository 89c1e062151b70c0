"""``itops targets``: where commands can run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from itops.entrypoints.options import AsJson

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.domain.target import Target
    from itops.targets.importers.sources import Format
    from itops.targets.inventory_edit import Report
    from itops.targets.reachability import Tried

group = typer.Typer(help="Where commands can run.")
Selection = Annotated[
    str, typer.Argument(metavar="TARGET", help="NAME, group:NAME, tag:NAME or env:NAME; commas narrow.")
]


@group.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """Where commands can run."""
    if context.invoked_subcommand is None:
        list_()


@group.command("list")
def list_(selection: Selection = "", *, json: AsJson = False) -> None:
    """Every target, or those of a group, a tag or an environment."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import show_rows

    async def work(house: "House") -> list[dict[str, object]]:
        targets = house.inventory.select(selection) if selection else house.app.targets()
        return [target.model_dump(mode="json") for target in targets]

    show_rows(in_session(work), as_json=json)


@group.command("show")
def show(selection: Selection, *, json: AsJson = False) -> None:
    """One target or selection, with its connection; no secret is shown, only where it is."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json, say

    async def work(house: "House") -> list[dict[str, Any]]:
        return [_document(house, target) for target in house.inventory.select(selection)]

    documents = in_session(work)
    if json:
        print_json(documents)
        return
    for document in documents:
        say("\n".join(f"{key}: {_text(value)}" for key, value in document.items() if value) + "\n")


@group.command("add")
def add(  # noqa: PLR0913 - one for each key that people set by hand
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    *,
    host: Annotated[str, typer.Option(help="Name or address; the name where left out.")] = "",
    port: Annotated[int, typer.Option(help="Where it is not the transport's own.")] = 0,
    user: Annotated[str, typer.Option(help="Who logs in.")] = "",
    key_file: Annotated[str, typer.Option(help="A private key to offer.")] = "",
    via: Annotated[list[str] | None, typer.Option(help="A bastion; may be given several times.")] = None,
    platform: Annotated[str, typer.Option(help="linux, windows, aws, kubernetes or network.")] = "linux",
    environment: Annotated[str, typer.Option(help="dev, staging, prod, …")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    group_: Annotated[list[str] | None, typer.Option("--group", help="A group that it is to be in.")] = None,
    profile: Annotated[str, typer.Option(help="The profile of the AWS CLI.")] = "",
    region: Annotated[list[str] | None, typer.Option(help="A Region that tasks may name.")] = None,
    context: Annotated[str, typer.Option(help="The context of kubectl.")] = "",
) -> None:
    """Add one target to the inventory."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import say

    key_files = [key_file] if key_file else []
    given = {"host": host, "port": port, "user": user, "key_files": key_files, "via": via, "platform": platform}
    given |= {"environment": environment, "tags": tag, "profile": profile, "regions": region, "context": context}
    entry = _entry(name, {key: value for key, value in given.items() if value})

    async def work(house: "House") -> str:
        house.inventory_editor.add(name, entry, group_ or [])
        return house.inventory.select(name)[0].address

    say(f"{name} is in the inventory: {in_session(work)}. `itops targets test {name}` tries it.")


@group.command("remove")
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="The target.")]) -> None:
    """Take one target out of the inventory."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import say

    async def work(house: "House") -> None:
        house.inventory_editor.remove(name)

    in_session(work)
    say(f"{name} is not in the inventory any more.")


@group.command("import")
def import_(
    path: Annotated[Path | None, typer.Argument(metavar="PATH", help="The file to read.")] = None,
    *,
    form: Annotated[str, typer.Option("--format", help="ansible (INI, YAML, JSON), ssh, aws or csv.")] = "ansible",
    command: Annotated[str, typer.Option(help="What prints the inventory, such as 'ansible-inventory --list'.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Take also what is there already and differs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell, and change nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Take in another inventory; tells what was taken, changed and left."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json
    from itops.errors import UsageError
    from itops.targets.importers.sources import FORMATS, read_command, read_file

    if form not in FORMATS:
        raise UsageError(f"There is no format {form!r}; there are: {', '.join(FORMATS)}.")
    if (path is None) is not bool(command):
        raise UsageError("Name a file, or --command with what prints the inventory.")

    async def work(house: "House") -> "Report":
        found = read_file(path, cast("Format", form)) if path else read_command(command)
        return house.inventory_editor.take(found, replace=replace, dry_run=dry_run)

    report = in_session(work)
    if json:
        print_json(report.rows())
    else:
        _show_report(report, dry_run=dry_run)


@group.command("test")
def try_(
    selection: Selection = "",
    *,
    seconds: Annotated[float, typer.Option(help="How long each may take to answer.", min=0.1)] = 10.0,
    json: AsJson = False,
) -> None:
    """Try to reach each target; says why not. 0, or 1 where one was not reached."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import show_rows
    from itops.targets.reachability import try_each

    async def work(house: "House") -> "list[Tried]":
        targets = house.inventory.select(selection) if selection else tuple(house.app.targets())
        return await try_each(targets, house.runner.reach, seconds=seconds)

    tried = in_session(work)
    rows = [
        {"target": one.target.name, "reached": not one.why, "address": one.target.address, "why": one.why}
        | {"mend": one.mend}
        for one in tried
    ]
    show_rows(rows, as_json=json)
    raise typer.Exit(1 if any(one.why for one in tried) else 0)


def _document(house: "House", target: "Target") -> dict[str, Any]:
    groups = [name for name, names in house.inventory.groups().items() if target.name in names]
    connection = house.inventory.connection(target)
    told = connection.model_dump(mode="json", exclude_defaults=True)
    return {**target.model_dump(mode="json"), "groups": groups, "connection": told}


def _entry(name: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 - a TargetEntry, imported when needed
    from itops.errors import UsageError
    from itops.targets.importers.found import Found

    found = Found()
    if found.add_target(name, values) != name:
        why = found.left[0].why if found.left else "it is no name: letters, digits, '.', '_' and '-' make one"
        raise UsageError(f"{name!r} can't be added: {why}.", world="The inventory is as it was.")
    return found.targets[name]


def _show_report(report: "Report", *, dry_run: bool) -> None:
    from itops.entrypoints.terminal import say

    lines = [f"{'Would take' if dry_run else 'Took'} {len(report.targets)} targets and {len(report.groups)} groups."]
    lines += [f"changed: {note.what}: {note.why}" for note in report.changed]
    lines += [f"left: {note.what}: {note.why}" for note in report.left]
    say("\n".join(lines))


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
