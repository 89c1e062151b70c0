"""The account of an import, for people and for programs."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from itops.domain.instruction import Instruction, InstructionState
from itops.errors import InvalidInstruction
from itops.instructions.importers.importer import Imported
from itops.instructions.library_sync import SyncReport
from itops.instructions.runbooks.runbook_text import to_markdown

Standing: TypeAlias = Literal["added", "edited", "published", "unchanged"]


@dataclass(frozen=True)
class FileReport:
    """What one file gave, or why it gave nothing."""

    place: str
    imported: tuple[Imported, ...]
    problem: InvalidInstruction | None = None


@dataclass(frozen=True)
class Item:
    """One imported instruction, what it is to the library, and the unified difference where it is an edit."""

    imported: Imported
    standing: Standing
    difference: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What an import did or, where ``is_plan``, would do."""

    form: str
    items: tuple[Item, ...]
    files: tuple[FileReport, ...]
    counts: SyncReport
    is_plan: bool

    @property
    def problems(self) -> tuple[str, ...]:
        """Why files were left out."""
        return tuple(str(file.problem) for file in self.files if file.problem)

    @property
    def empty(self) -> tuple[str, ...]:
        """Files that held nothing for this library."""
        return tuple(file.place for file in self.files if not file.imported and not file.problem)

    def text(self) -> str:
        """The report for people: each instruction, what became of it, and how many there were."""
        lines = [line for item in self.items for line in _lines(item, with_difference=self.is_plan)]
        lines += [f"left out: {problem}" for problem in self.problems]
        lines += [f"nothing to take (empty, or not for a platform of this library): {place}" for place in self.empty]
        counts = f"{self.counts.added} added, {self.counts.edited} edited, {self.counts.unchanged} unchanged"
        files = f"{len(self.files)} files read, {len(self.problems)} left out"
        lines.append(f"{'This would be' if self.is_plan else 'Imported'}: {counts}; {files}.")
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "format": self.form,
            "dry_run": self.is_plan,
            "added": self.counts.added,
            "edited": self.counts.edited,
            "unchanged": self.counts.unchanged,
            "instructions": [_item(item) for item in self.items],
            "problems": [{"file": file.place, "problem": str(file.problem)} for file in self.files if file.problem],
            "nothing_to_take": list(self.empty),
        }


def standing_of(new: Instruction, now: Instruction | None, *, publish: bool) -> tuple[Standing, str]:
    """What a new instruction is to the one that stands, and how their Markdown differs."""
    if now is None:
        return "added", ""
    if now.version == new.version:
        return ("published" if publish and now.state is not InstructionState.PUBLISHED else "unchanged"), ""
    before, after = to_markdown(now).splitlines(), to_markdown(new).splitlines()
    difference = difflib.unified_diff(before, after, f"library/{new.id}.md", f"import/{new.id}.md", lineterm="")
    return "edited", "\n".join(difference)


def _lines(item: Item, *, with_difference: bool) -> Iterator[str]:
    instruction = item.imported.instruction
    shown = "" if item.standing == "unchanged" else f" ({instruction.effect.value}): {instruction.title}"
    yield f"{item.standing}: {instruction.id}{shown}"
    if item.standing == "unchanged":
        return
    yield f"    from {item.imported.origin}"
    yield from (f"    changed: {note}" for note in item.imported.changed)
    yield from (f"    left: {note}" for note in item.imported.left)
    if with_difference and item.difference:
        yield from (f"    {line}" for line in item.difference.split("\n"))


def _item(item: Item) -> dict[str, Any]:
    instruction = item.imported.instruction
    return {
        "id": instruction.id,
        "title": instruction.title,
        "origin": item.imported.origin,
        "standing": item.standing,
        "effect": instruction.effect.value,
        "has_run_block": instruction.block("run") is not None,
        "changed": list(item.imported.changed),
        "left": list(item.imported.left),
        "difference": item.difference,
    }
