"""The library as a folder of Markdown files, which ``sync`` reads back as it was."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from itops.domain.instruction import Instruction
from itops.errors import InvalidInstruction, StoreError, UsageError
from itops.instructions.runbooks.runbook_loader import load_file
from itops.instructions.runbooks.runbook_text import parse, to_markdown


@dataclass(frozen=True)
class ExportReport:
    """How many files were written or stood there already, and those that were left alone with the reason."""

    written: int
    unchanged: int
    problems: tuple[str, ...]


def export_folder(
    instructions: Sequence[Instruction], folder: Path, *, is_known: Callable[[Instruction], bool], force: bool = False
) -> ExportReport:
    """Each instruction as ``ID.md``.

    A file that stands there is replaced only if it holds a version that the library knows (``is_known``), or by force:
    another's file, and one edited by hand since, are left alone.

    Raises:
        UsageError: the path is no folder.
        StoreError: the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{folder} is no folder.", mend="Name a folder, or one that is yet to be made.") from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    done = [_export(one, folder / file_name(one), is_known, force=force) for one in instructions]
    problems = tuple(word for word in done if word not in ("written", "unchanged"))
    return ExportReport(done.count("written"), done.count("unchanged"), problems)


def file_name(instruction: Instruction) -> str:
    """The file's name; ``readme.md`` is what ``sync`` passes over."""
    return "_readme.md" if instruction.id == "readme" else f"{instruction.id}.md"


def _export(one: Instruction, file: Path, is_known: Callable[[Instruction], bool], *, force: bool) -> str:
    text = to_markdown(one)
    try:
        if parse(text, origin=one.id).version != one.version:
            return f"{one.id}: it can't be written down as Markdown without loss."
    except InvalidInstruction as error:
        return f"{one.id}: it can't be written down as Markdown: {error.what}"
    try:
        if file.is_symlink() or file.exists():
            if not file.is_symlink() and file.is_file() and file.read_bytes() == text.encode():
                return "unchanged"
            if not force and not _is_ours(file, one, is_known):
                return f"{file}: it is not what the library wrote, and stays; --force replaces it."
        _write(file, text)
    except OSError as error:
        raise _unwritable(file, error) from error
    return "written"


def _is_ours(file: Path, one: Instruction, is_known: Callable[[Instruction], bool]) -> bool:
    if file.is_symlink():
        return False
    try:
        found = load_file(file)
    except InvalidInstruction:
        return False
    return found.id == one.id and is_known(found)


def _write(file: Path, text: str) -> None:
    """The file whole or not at all; a link is replaced, never followed."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".export-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path} can't be written: {error.strerror or error}.",
        world="Files that were written before stand.",
        mend="Check the folder and its permissions.",
    )
