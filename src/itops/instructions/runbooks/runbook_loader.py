"""Instruction files: one or a folder of them, read and checked. One broken file never stops the others."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from itops.domain.instruction import Instruction
from itops.errors import InvalidInstruction, UsageError
from itops.instructions.runbooks.runbook_lint import lint, lint_all
from itops.instructions.runbooks.runbook_text import parse, to_markdown

__all__ = ["LoadReport", "library_dir", "lint", "lint_all", "load_file", "load_folder", "parse", "to_markdown"]

_LIMIT_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class SeenFile:
    """A file of a folder: its path in there, the digest of its bytes, and the instruction's version that it holds."""

    path: str
    digest: str
    id: str
    version: str


@dataclass(frozen=True)
class LoadReport:
    """What a folder held: what can be used, and what can't with the reason; ``files`` are all that can."""

    instructions: tuple[Instruction, ...]
    problems: tuple[InvalidInstruction, ...]
    files: tuple[SeenFile, ...] = ()


def library_dir() -> Path:
    """The folder of the starter library."""
    return Path(__file__).parents[2] / "library"


def load_file(path: Path) -> Instruction:
    """The instruction in one file, as a draft.

    Raises:
        InvalidInstruction: it can't be read; names file, line and mend.
    """
    return parse(_text(path, _bytes(path)), origin=str(path))


def load_folder(path: Path, settled: Mapping[str, SeenFile] = MappingProxyType({})) -> LoadReport:
    """Every ``*.md`` file under a folder, in the order of their paths; README.md and hidden folders are passed over.

    A file that is as it stands among ``settled``, by path, is told among the files, but its instruction is not read.

    Raises:
        UsageError: there is no such folder.
    """
    if not path.is_dir():
        raise UsageError(f"There is no folder {path}.", mend="Name a folder that holds instruction files.")
    root = path.resolve()
    instructions: list[Instruction] = []
    problems: list[InvalidInstruction] = []
    files: dict[str, SeenFile] = {}
    for file in instruction_files(path):
        try:
            if not file.resolve().is_relative_to(root):
                raise _unreadable(file, "it is a link that leads out of the folder", "Copy the file itself here.")
            seen, instruction = _load(file, path, settled)
            if seen.id in files:
                first = path / files[seen.id].path
                raise _unreadable(file, f"{first} has the same id {seen.id!r}", "Give one of them another id.")
            files[seen.id] = seen
            if instruction:
                instructions.append(instruction)
        except InvalidInstruction as error:
            problems.append(error)
    return LoadReport(tuple(instructions), tuple(problems), tuple(files.values()))


def _load(file: Path, folder: Path, settled: Mapping[str, SeenFile]) -> tuple[SeenFile, Instruction | None]:
    data = _bytes(file)
    place, digest = file.relative_to(folder).as_posix(), hashlib.sha256(data).hexdigest()
    known = settled.get(place)
    if known and known.digest == digest:
        return known, None
    instruction = parse(_text(file, data), origin=str(file))
    return SeenFile(place, digest, instruction.id, instruction.version), instruction


def instruction_files(folder: Path) -> Iterator[Path]:
    """The files of a folder that should hold an instruction each, in the order of their paths."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(".md") and name.lower() != "readme.md" and not name.startswith("."):
                yield Path(place, name)


def _bytes(path: Path) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(path, "it is not a regular file", "Name a Markdown file.")
        with path.open("rb") as file:
            data = file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            path, (error.strerror or str(error)).lower(), "Check the path and its permissions."
        ) from error
    if len(data) > _LIMIT_BYTES:
        raise _unreadable(path, "it is larger than 1 MiB", "Split it: one procedure a file.")
    return data


def _text(path: Path, data: bytes) -> str:
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise _unreadable(path, "it is binary, not text", "Keep Markdown files only.", line)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, "it is not valid UTF-8", "Save the file as UTF-8.", line) from error


def _unreadable(path: Path, what: str, mend: str, line: int = 1) -> InvalidInstruction:
    return InvalidInstruction(f"{path}, line {line}: {what}.", mend=mend)
