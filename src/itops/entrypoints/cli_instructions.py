"""``itops instructions`` and ``itops search``: the library."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itops.entrypoints import cli_library
from itops.entrypoints.cli_import import export, import_
from itops.entrypoints.options import AsJson

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.domain.instruction import Instruction

group = typer.Typer(help="The library of instructions.")
group.command("stats")(cli_library.stats)
group.command("import")(import_)
group.command("export")(export)
InstructionId = Annotated[str, typer.Argument(metavar="ID", help="The instruction's id.")]
File = Annotated[Path, typer.Argument(help="A Markdown file with front matter.")]
Publish = Annotated[bool, typer.Option("--publish", help="Publish; else they are drafts, which are never run.")]


@group.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """The library of instructions."""
    if context.invoked_subcommand is None:
        list_()


def search_library(query: str, *, top: int, platform: str, as_json: bool) -> None:
    """Print the instructions that fit a query, best first."""
    from itops.domain.target import Platform
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import show_rows
    from itops.errors import UsageError

    if platform not in list(Platform):
        raise UsageError(f"There is no platform {platform!r}; there are: {', '.join(Platform)}.")
    if not query.strip():
        raise UsageError("There are no words to search for.")

    async def work(house: "House") -> list[dict[str, object]]:
        found = await (await house.filled_library()).find(query, platform=Platform(platform), top=top)
        return [
            {"id": rank.instruction.id, "title": rank.instruction.title, "score": round(rank.score, 3)}
            for rank in found
        ]

    show_rows(in_session(work), as_json=as_json)


@group.command("list")
def list_(*, json: AsJson = False) -> None:
    """Every instruction."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import show_rows

    async def work(house: "House") -> list[dict[str, object]]:
        return [_row(each) for each in await (await house.filled_library()).list()]

    show_rows(in_session(work), as_json=json)


@group.command("show")
def show(instruction: InstructionId, *, json: AsJson = False) -> None:
    """One instruction, as Markdown."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json, say
    from itops.instructions.runbooks.runbook_loader import to_markdown

    async def work(house: "House") -> "Instruction":
        return await _existing(house, instruction)

    found = in_session(work)
    if json:
        print_json({**found.model_dump(mode="json"), "version": found.version})
    else:
        say(to_markdown(found))


@group.command("sync")
def sync(
    folder: Annotated[Path, typer.Argument(help="A folder of Markdown files.")],
    *,
    publish: Publish = False,
    json: AsJson = False,
) -> None:
    """Take a folder in, by content hash; run it as often as you like. 1 where a file was left out."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import print_json, say

    async def work(house: "House") -> int:
        library = await house.filled_library()
        report = await library.sync(folder, by=local_person(), publish=publish)
        problems = [str(problem) for problem in report.problems]
        counts = {"added": report.added, "edited": report.edited, "unchanged": report.unchanged}
        if json:
            print_json({**counts, "problems": problems})
        else:
            say("\n".join([*problems, *(f"{name}: {number}" for name, number in counts.items())]))
        return 1 if problems else 0

    raise typer.Exit(in_session(work))


@group.command("add")
def add(file: File, *, publish: Publish = False) -> None:
    """Add one instruction."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import say
    from itops.instructions.runbooks.runbook_loader import load_file

    async def work(house: "House") -> str:
        library = await house.filled_library()
        added = await library.add(load_file(file), by=local_person(), publish=publish)
        return f"Added {added.id}, version {added.version[:12]} ({added.state.value})."

    say(in_session(work))


@group.command("edit")
def edit(instruction: InstructionId, file: File) -> None:
    """Replace an instruction by a new version of it."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import say
    from itops.errors import UsageError
    from itops.instructions.runbooks.runbook_loader import load_file

    async def work(house: "House") -> str:
        new = load_file(file)
        if new.id != instruction:
            raise UsageError(f"{file} holds the instruction {new.id!r}, not {instruction!r}.", world="Nothing changed.")
        edited = await (await house.filled_library()).edit(new, by=local_person())
        return f"Edited {edited.id}, version {edited.version[:12]} ({edited.state.value})."

    say(in_session(work))


@group.command("remove")
def remove(instruction: InstructionId) -> None:
    """Take an instruction out; its versions stay in the history."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import say

    async def work(house: "House") -> None:
        await (await house.filled_library()).remove(instruction, by=local_person())

    in_session(work)
    say(f"Removed {instruction}.")


@group.command("publish")
def publish_(instruction: InstructionId) -> None:
    """Let an instruction be found and run."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import say

    async def work(house: "House") -> None:
        await (await house.filled_library()).publish(instruction, by=local_person())

    in_session(work)
    say(f"Published {instruction}.")


@group.command("history")
def history(instruction: InstructionId, *, json: AsJson = False) -> None:
    """Every version of an instruction."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import show_rows

    async def work(house: "House") -> list[dict[str, object]]:
        versions = await (await house.filled_library()).history(instruction)
        return [
            {"version": each.version, "at": each.at.isoformat(timespec="seconds"), "author": each.author}
            for each in versions
        ]

    show_rows(in_session(work), as_json=json)


@group.command("lint")
def lint(path: Annotated[Path, typer.Argument(help="A file or a folder.")]) -> None:
    """What is wrong with instruction files: file, line and mend. 1 where anything is."""
    from itops.entrypoints.terminal import say
    from itops.errors import InvalidInstruction
    from itops.instructions.runbooks.runbook_loader import lint_all, load_file, load_folder

    problems: list[str] = []
    found: tuple[Instruction, ...] = ()
    if path.is_dir():
        loaded = load_folder(path)
        problems, found = [str(problem) for problem in loaded.problems], tuple(loaded.instructions)
    else:
        try:
            found = (load_file(path),)
        except InvalidInstruction as error:
            problems = [str(error)]
    problems += [f"{name}: {finding}" for name, findings in lint_all(found).items() for finding in findings]
    say("\n".join([*problems, f"{len(found)} instructions read, {len(problems)} findings."]))
    raise typer.Exit(1 if problems else 0)


def _row(instruction: "Instruction") -> dict[str, object]:
    return {
        "id": instruction.id,
        "title": instruction.title,
        "platform": instruction.platform.value,
        "effect": instruction.effect.value,
        "state": instruction.state.value,
    }


async def _existing(house: "House", instruction: str) -> "Instruction":
    from itops.errors import UsageError

    found = await (await house.filled_library()).get(instruction)
    if found is None:
        raise UsageError(f"There is no instruction {instruction!r}.", mend='`itops search "…"` finds the nearest.')
    return found
