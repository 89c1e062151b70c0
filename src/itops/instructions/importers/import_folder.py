"""The files of an import: found, bounded, and opened only inside the folder that was named."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from itops.errors import UsageError
from itops.instructions.importers.importer import Source
from itops.instructions.runbooks.front_matter import complaint

MOST_FILES: Final = 50_000
TEXT_LIMIT: Final = 1024 * 1024
DOCUMENT_LIMIT: Final = 8 * TEXT_LIMIT
_DOCUMENTS: Final = frozenset({".pdf", ".docx", ".ipynb"})


def files(path: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    """The file that was named, or those of a folder that end like this, in the order of their paths.

    Hidden folders are passed over; a folder that is a link is no folder of this one.

    Raises:
        UsageError: nothing is there, or too much.
    """
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise UsageError(f"There is no file or folder {path}.", mend="Name a file or a folder to import.")
    number = 0
    for place, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or not name.lower().endswith(tuple(suffixes)):
                continue
            number += 1
            if number > MOST_FILES:
                raise UsageError(f"{path} holds more than {MOST_FILES} files.", mend="Import its folders one by one.")
            yield Path(place, name)


def open_source(file: Path, path: Path, prefix: str) -> Source:
    """One file of the import of ``path``, read.

    Raises:
        InvalidInstruction: it is no regular file, too large, outside the folder, or can't be read.
    """
    root = path if path.is_dir() else path.parent
    source = Source(path=file, root=root, data=b"", prefix=prefix)
    if not file.resolve().is_relative_to(root.resolve()):
        raise complaint(source.place, 1, "it is a link that leads out of the folder", "Copy the file itself here.")
    limit = DOCUMENT_LIMIT if file.suffix.lower() in _DOCUMENTS else TEXT_LIMIT
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise complaint(source.place, 1, "it is not a regular file", "Take it out.")
        with file.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise complaint(source.place, 1, what, "Check the path and its permissions.") from error
    if len(data) > limit:
        what = f"it is larger than {limit // TEXT_LIMIT} MiB"
        raise complaint(source.place, 1, what, "Split it, or take out what is no text.")
    return Source(path=file, root=root, data=data, prefix=prefix)
