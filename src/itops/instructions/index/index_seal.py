"""The seal of an index on disk: a digest of the files that Chroma's core believes whatever they hold.

It reads them unchecked: one wrong byte ends the process, or hides rows from every search. Files without an
``index_metadata.pickle`` beside them are left out: Chroma writes those anew whenever it opens them.
"""

import hashlib
import threading
import time
from pathlib import Path
from typing import Final

_MARK: Final = "index_metadata.pickle"
_SETTLED_NANOSECONDS: Final = 2_000_000_000

_Look = tuple[int, int, int]


class IndexSeal:
    """Works out seals; a file that has not been touched since it was last read is not read again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[_Look, str]] = {}

    def of(self, folder: Path) -> str:
        """The seal of the index in a folder, while nobody writes it.

        Raises:
            OSError: a file can't be read.
        """
        files = sorted(file for mark in folder.glob(f"*/{_MARK}") for file in mark.parent.iterdir())
        with self._lock:
            read = {file: self._digest(file) for file in files}
            self._read = {file: found for file, found in read.items() if _is_settled(found[0])}
        parts = (f"{file.relative_to(folder)} {digest}\n" for file, (_, digest) in read.items())
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def _digest(self, file: Path) -> tuple[_Look, str]:
        seen = file.stat()
        look = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
        known = self._read.get(file)
        if known and known[0] == look:
            return known
        with file.open("rb") as content:
            return look, hashlib.file_digest(content, "sha256").hexdigest()


def _is_settled(look: _Look) -> bool:
    """Whether a later write must change the file's time; clocks of file systems are coarse."""
    return time.time_ns() - look[1] > _SETTLED_NANOSECONDS
