"""Imports into the library: every file read, checked and judged; a report of what was taken, changed and left."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, Language
from itops.errors import InvalidInstruction, InvalidParameter
from itops.instructions.importers.import_folder import files, open_source
from itops.instructions.importers.import_report import FileReport, ImportReport, Item, standing_of
from itops.instructions.importers.importer import Imported, Importer, Source
from itops.instructions.importers.importer_factory import create_importer
from itops.instructions.importers.secret_check import refuse_secrets
from itops.instructions.library_sync import SyncReport
from itops.instructions.runbooks.front_matter import complaint
from itops.instructions.runbooks.runbook_text import parse, to_markdown
from itops.redaction import Redactor
from itops.scripts.parameters import example_of
from itops.scripts.renderer import placeholders, render

EffectOf = Callable[[Language, str], Awaitable[Effect]]
MOST_INSTRUCTIONS: Final = 1000
_AT_ONCE: Final = 4
_LONGEST: Final = 256 * 1024
_ARCHIVES: Final = (b"%PDF", b"PK\3\4")


class Library(Protocol):
    """What an import needs of the library."""

    async def list(self) -> list[Instruction]:
        """Every instruction as it stands."""
        ...

    async def take(self, instructions: Sequence[Instruction], *, by: Person, publish: bool) -> SyncReport:
        """Bring these in, all at once."""
        ...

    async def plan(self, instructions: Sequence[Instruction], *, publish: bool) -> SyncReport:
        """What ``take`` would do."""
        ...


@dataclass(frozen=True)
class ImportOrder:
    """What to import: a file or a folder in one format. Every id begins with ``prefix``; without it, the format."""

    form: str
    path: Path
    prefix: str = ""
    publish: bool = False


class ImportService:
    """The one way in for instructions of other formats.

    ``effect_of`` judges a rendered command: what a source says of its own effect is not believed.
    """

    def __init__(
        self,
        *,
        library: Library,
        effect_of: EffectOf,
        redactor: Redactor,
        importer: Callable[[str], Importer] = create_importer,
    ) -> None:
        self._library = library
        self._effect_of = effect_of
        self._redactor = redactor
        self._importer = importer

    async def plan(self, order: ImportOrder) -> ImportReport:
        """What an import would change in the library; nothing is changed.

        Raises:
            UsageError: there is no such format or path, or an extra is missing.
            StoreError: the library can't be read.
        """
        read, standing = await self._read(order)
        counts = await self._library.plan(_instructions(read), publish=order.publish)
        return _report(order, read, standing, counts, is_plan=True)

    async def take(self, order: ImportOrder, *, by: Person) -> ImportReport:
        """Import, as drafts unless ``order.publish``. A file that can't be taken never stops the others.

        Raises:
            UsageError: there is no such format or path, or an extra is missing. Nothing changed.
            StoreError: the library can't be read or written.
        """
        read, standing = await self._read(order)
        counts = await self._library.take(_instructions(read), by=by, publish=order.publish)
        return _report(order, read, standing, counts, is_plan=False)

    async def _read(self, order: ImportOrder) -> tuple[list[FileReport], dict[str, Instruction]]:
        importer = self._importer(order.form)
        found = await asyncio.to_thread(lambda: list(files(order.path, importer.suffixes)))
        gate = asyncio.Semaphore(_AT_ONCE)
        read = await asyncio.gather(*(self._read_file(importer, file, order, gate) for file in found))
        standing = {one.id: one for one in await self._library.list()}
        return _without_second_ids(read), standing

    async def _read_file(
        self, importer: Importer, file: Path, order: ImportOrder, gate: asyncio.Semaphore
    ) -> FileReport:
        root = order.path if order.path.is_dir() else order.path.parent
        place = file.relative_to(root).as_posix()
        async with gate:
            try:
                imported = await asyncio.to_thread(self._open, importer, file, order)
                return FileReport(place, tuple([await self._judged(one) for one in imported]))
            except InvalidInstruction as problem:
                return FileReport(place, (), problem)

    def _open(self, importer: Importer, file: Path, order: ImportOrder) -> list[Imported]:
        source = open_source(file, order.path, order.prefix or order.form)
        if not source.data.startswith(_ARCHIVES) and b"\0" not in source.data:
            refuse_secrets(source.data.decode(errors="replace"), self._redactor, place=source.place)
        imported = _imported(importer, source)
        for one in imported:
            _refuse_unkept(one.instruction, one.origin)
            refuse_secrets(_text(one.instruction), self._redactor, place=one.origin, numbered=False)
        return imported

    async def _judged(self, one: Imported) -> Imported:
        """The instruction with the effect of its run block; a weightier one that its author declared is kept."""
        instruction = one.instruction
        judged = await self._effect(one)
        if judged is Effect.UNKNOWN:
            judged = Effect.CHANGE
        if one.declared and instruction.effect.weight >= judged.weight:
            return one
        changed = one.changed
        if one.declared:
            changed = (*changed, f"effect {instruction.effect.value} was raised to {judged.value}, as it is judged")
        return replace(one, instruction=instruction.model_copy(update={"effect": judged}), changed=changed)

    async def _effect(self, one: Imported) -> Effect:
        instruction = one.instruction
        run = instruction.block("run")
        if run is None:
            return instruction.effect
        wanted = placeholders(run.text)
        try:
            values = {each.name: example_of(each) for each in instruction.parameters if each.name in wanted}
            text = await asyncio.to_thread(render, run.text, run.language, values)
        except InvalidParameter:
            return Effect.UNKNOWN
        except InvalidInstruction as error:
            raise InvalidInstruction(f"{one.origin}: {error.what}", mend=error.mend) from error
        return await self._effect_of(run.language, text)


def _imported(importer: Importer, source: Source) -> list[Imported]:
    """What an importer reads, within bounds; where it stumbles over one file, that file is at fault."""
    try:
        imported = list(islice(importer.read(source), MOST_INSTRUCTIONS + 1))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        what = f"it can't be read as {importer.name} ({type(error).__name__})"
        raise complaint(source.place, 1, what, "Look at it, or import it as markdown.") from error
    if len(imported) > MOST_INSTRUCTIONS:
        what = f"it holds more than {MOST_INSTRUCTIONS} instructions"
        raise complaint(source.place, 1, what, "Split it into files that people read.")
    twice = [name for name, count in Counter(one.instruction.id for one in imported).items() if count > 1]
    if twice:
        raise complaint(source.place, 1, f"two parts of it have the id {twice[0]!r}", "Give them other titles.")
    return imported


def _refuse_unkept(instruction: Instruction, origin: str) -> None:
    """Accept what our own format keeps as it is."""
    text = to_markdown(instruction)
    if len(text.encode(errors="replace")) > _LONGEST:
        raise complaint(origin, 1, f"it is longer than {_LONGEST // 1024} KiB", "Split it with headings.")
    if parse(text, origin=origin) != instruction:
        raise complaint(origin, 1, "it can't be written down as an instruction without loss", "Simplify its text.")


def _text(instruction: Instruction) -> str:
    values = [value for one in instruction.parameters for value in (one.example, one.default or "", one.description)]
    return "\n".join([instruction.title, instruction.prose, *(block.text for block in instruction.blocks), *values])


def _without_second_ids(read: Sequence[FileReport]) -> list[FileReport]:
    """Every file but those whose ids another file has."""
    first: dict[str, str] = {}
    kept = []
    for one in read:
        twice = next((each.instruction.id for each in one.imported if each.instruction.id in first), "")
        if twice:
            what = f"{first[twice]} has the same id {twice!r}"
            one = FileReport(one.place, (), complaint(one.place, 1, what, "Give one of them another name or id."))  # noqa: PLW2901 - the file, refused
        first |= {each.instruction.id: one.place for each in one.imported}
        kept.append(one)
    return kept


def _instructions(read: Sequence[FileReport]) -> list[Instruction]:
    return [one.instruction for file in read for one in file.imported]


def _report(
    order: ImportOrder,
    read: list[FileReport],
    standing: dict[str, Instruction],
    counts: SyncReport,
    *,
    is_plan: bool,
) -> ImportReport:
    items = [
        Item(one, *standing_of(one.instruction, standing.get(one.instruction.id), publish=order.publish))
        for file in read
        for one in file.imported
    ]
    return ImportReport(order.form, tuple(items), tuple(read), counts, is_plan=is_plan)
