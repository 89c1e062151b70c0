"""``itops instructions import`` and ``export``: the library filled from other formats, and as files again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itops.entrypoints.options import AsJson

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.domain.instruction import Instruction
    from itops.instructions.importers.import_report import ImportReport
    from itops.instructions.runbooks.export_folder import ExportReport

Form = Annotated[
    str, typer.Option("--format", help="markdown, skill, tldr, ssm, ansible, rundeck, stackstorm, jupyter, pdf, docx.")
]
Published = Annotated[bool, typer.Option("--publish", help="Publish; else they are drafts, which are never run.")]
Prefix = Annotated[str, typer.Option(help="What every new id begins with; the format's name where it is left out.")]


def import_(
    path: Annotated[Path, typer.Argument(help="A file or a folder.")],
    *,
    form: Form,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    publish: Published = False,
    prefix: Prefix = "",
    json: AsJson = False,
) -> None:
    """Take instructions in from another format. 1 where a file was left out."""
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import print_json, say
    from itops.instructions.importers.import_service import ImportOrder

    order = ImportOrder(form=form, path=path, prefix=prefix, publish=publish)

    async def work(house: "House") -> "ImportReport":
        await house.filled_library()
        return await (house.imports.plan(order) if dry_run else house.imports.take(order, by=local_person()))

    report = in_session(work)
    if json:
        print_json(report.document())
    else:
        say(report.text())
    raise typer.Exit(1 if report.problems else 0)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder; it is made where there is none.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace files that the library did not write.")] = False,
    json: AsJson = False,
) -> None:
    """Write every instruction that is not deprecated as a Markdown file. 1 where a file was left alone."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json, say

    async def work(house: "House") -> "ExportReport":
        return await _export(house, folder, force=force)

    report = in_session(work)
    counts = {"written": report.written, "unchanged": report.unchanged}
    if json:
        print_json({**counts, "problems": list(report.problems)})
    else:
        say("\n".join([*report.problems, *(f"{name}: {number}" for name, number in counts.items())]))
    raise typer.Exit(1 if report.problems else 0)


async def _export(house: "House", folder: Path, *, force: bool) -> "ExportReport":
    import asyncio

    from itops.domain.instruction import InstructionState
    from itops.instructions.runbooks.export_folder import export_folder

    library = await house.filled_library()
    loop = asyncio.get_running_loop()

    def is_known(instruction: "Instruction") -> bool:
        return (
            asyncio.run_coroutine_threadsafe(library.get(instruction.id, instruction.version), loop).result()
            is not None
        )

    current = [one for one in await library.list() if one.state is not InstructionState.DEPRECATED]
    return await asyncio.to_thread(export_folder, current, folder, is_known=is_known, force=force)
