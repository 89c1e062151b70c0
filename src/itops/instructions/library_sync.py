"""What has to change so that the library holds what a folder holds."""

import hashlib
import importlib.metadata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.errors import InvalidInstruction, UsageError
from itops.instructions.records import Change, Standing
from itops.instructions.runbooks.runbook_loader import LoadReport, SeenFile, instruction_files

LIBRARIAN = Person(id="itops", name="the starter library")


@dataclass(frozen=True)
class SyncReport:
    """How many instructions came in, became another version or were as they are; and the files that were left out."""

    added: int = 0
    edited: int = 0
    unchanged: int = 0
    problems: tuple[InvalidInstruction, ...] = ()


@dataclass(frozen=True)
class SyncPlan:
    """The changes to make, and what they come to."""

    changes: tuple[Change, ...]
    report: SyncReport


def settled(seen: Mapping[str, SeenFile], standing: Mapping[str, Standing], *, publish: bool) -> dict[str, SeenFile]:
    """The files whose version stands as it should; while their bytes are the same, they need not be read."""

    def stands(one: SeenFile) -> bool:
        now = standing.get(one.id)
        return bool(now and now.version == one.version and (now.state is InstructionState.PUBLISHED or not publish))

    return {path: one for path, one in seen.items() if stands(one)}


def plan_sync(instructions: Sequence[Instruction], standing: Mapping[str, Standing], *, publish: bool) -> SyncPlan:
    """Make the library hold these versions; other instructions stay as they are.

    Raises:
        UsageError: two of them have the same id.
    """
    twice = [name for name, number in Counter(one.id for one in instructions).items() if number > 1]
    if twice:
        raise UsageError(
            f"Two instructions have the same id {twice[0]!r}.",
            world="The library is as it was.",
            mend="Give one of them another id.",
        )
    changes = [_change(one, standing.get(one.id), publish=publish) for one in instructions]
    made = tuple(change for change in changes if change)
    added = sum("added" in change.kinds for change in made)
    edited = sum("edited" in change.kinds for change in made)
    return SyncPlan(made, SyncReport(added, edited, len(instructions) - added - edited))


def plan_library(loaded: LoadReport, standing: Mapping[str, Standing], known: set[str]) -> tuple[Change, ...]:
    """Bring the starter library in, published; what a person has changed stays as they left it."""
    changes = []
    for one in loaded.instructions:
        now = standing.get(one.id)
        if now is None and one.id not in known:
            changes.append(add(one, publish=True))
        elif now and now.author == LIBRARIAN.id and now.version != one.version:
            changes.append(Change(one.id, now.version, in_state(one, now.state), ("edited",)))
    return tuple(changes)


def add(instruction: Instruction, *, publish: bool) -> Change:
    """A new instruction."""
    if publish:
        return Change(instruction.id, "", in_state(instruction, InstructionState.PUBLISHED), ("added", "published"))
    return Change(instruction.id, "", in_state(instruction, InstructionState.DRAFT), ("added",))


def edit(instruction: Instruction, before: str, *, publish: bool) -> Change:
    """Another version in place of ``before``: a draft until it is published, whatever ``before`` was."""
    if publish:
        published = in_state(instruction, InstructionState.PUBLISHED)
        return Change(instruction.id, before, published, ("edited", "published"))
    return Change(instruction.id, before, in_state(instruction, InstructionState.DRAFT), ("edited",))


def in_state(instruction: Instruction, state: InstructionState) -> Instruction:
    """The same version, in another publishing state."""
    return instruction.model_copy(update={"state": state})


def stamp(folder: Path) -> str:
    """Changes whenever a file of the folder does; reads no file."""
    seen = hashlib.sha256(importlib.metadata.version("itops-agent").encode())
    for file in instruction_files(folder):
        found = file.stat()
        seen.update(f"{file.relative_to(folder)}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return seen.hexdigest()


def _change(one: Instruction, now: Standing | None, *, publish: bool) -> Change | None:
    if now is None:
        return add(one, publish=publish)
    if now.version != one.version:
        return edit(one, now.version, publish=publish)
    if publish and now.state is not InstructionState.PUBLISHED:
        return Change(one.id, now.version, in_state(one, InstructionState.PUBLISHED), ("published",))
    return None
