"""Anchors: signed words of how long the chain was and how it ended, kept outside the journal's database.

Whoever rewrites or cuts the journal's tables must also sign new anchors, for which they need the key.
"""

import errno
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from itops.domain.noun import Noun
from itops.errors import JournalError

KEY_BYTES: Final = 32
_DOMAIN: Final = b"itops.anchor.v1\n"


class Anchored(Noun):
    """The chain held ``count`` records, and the last one's hash was ``head``."""

    count: int
    head: str
    signature: str = ""

    def signed(self, key: bytes) -> "Anchored":
        """The same, with its HMAC-SHA256 under the key."""
        covered = _DOMAIN + json.dumps([self.count, self.head]).encode()
        return self.model_copy(update={"signature": hmac.new(key, covered, hashlib.sha256).hexdigest()})

    def holds(self, key: bytes) -> bool:
        """Whether this key signed it."""
        return hmac.compare_digest(self.signed(key).signature.encode(), self.signature.encode())


class Anchor:
    """Writes and reads the anchors of one journal.

    Every flushed record is anchored. Others are when ``every`` records or ``seconds`` went by without: ``due`` says so.
    The key is made at first use, readable by its owner only.
    """

    def __init__(
        self,
        file: Path,
        key_file: Path,
        *,
        every: int = 100,
        seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.every = every
        self._file = file
        self._key_file = key_file
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._key = b""
        self._since = 0
        self._last = clock()

    def due(self) -> bool:
        """Whether the next record should be flushed and anchored, whatever it is."""
        with self._lock:
            self._since += 1
            return self._since >= self.every or self._clock() - self._last >= self._seconds

    def write(self, count: int, head: str) -> None:
        """Anchor the chain as it is after a flushed record.

        Raises:
            JournalError: the key or the file refuses.
        """
        line = Anchored(count=count, head=head).signed(self.key()).model_dump_json() + "\n"
        try:
            _append(self._file, line.encode())
        except OSError as error:
            raise JournalError(
                f"The anchors in {self._file} can't be written: {error.strerror}.",
                world="The event is recorded but not anchored, so what it speaks of was not begun.",
                mend="Make room on the disk and let this user write the file, then resume the task.",
            ) from error
        with self._lock:
            self._since, self._last = 0, self._clock()

    def read(self) -> list[Anchored]:
        """Every whole anchor in the file, signed or not; a line torn by a power cut is left out.

        Raises:
            JournalError: the file is there and can't be read.
        """
        try:
            lines = self._file.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(f"The anchors in {self._file} can't be read: {error.strerror}.") from error
        found = []
        for line in lines:
            with suppress(ValidationError):
                found.append(Anchored.model_validate_json(line))
        return found

    def key(self) -> bytes:
        """The key that signs, made at first use.

        Raises:
            JournalError: the key can't be read or made, or anchors are there and their key is not.
        """
        with self._lock:
            if not self._key:
                anchored = self._file.exists()
                self._key = _read_key(self._key_file, make=not anchored)
            return self._key


def _append(file: Path, line: bytes) -> None:
    """One write to the end of the file: lines of several processes never mix; a line torn before gets its end."""
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        line = b"\n" + line if torn else line
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(handle)


def _read_key(file: Path, *, make: bool) -> bytes:
    try:
        if make and not file.exists():
            _make_key(file)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise JournalError(
            f"The journal's key {file} can't be used: {error}.",
            mend="Restore the file, or set ITOPS_JOURNAL_KEY_FILE to where it is; this user must be able to read it.",
        ) from error
    if len(key) < KEY_BYTES:
        raise JournalError(f"The journal's key {file} is too short.", mend=f"It holds {KEY_BYTES} bytes as hex.")
    return key


def _make_key(file: Path) -> None:
    """Whole or not at all, and the first of several processes wins: it is written aside and linked into place."""
    aside = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_hex(KEY_BYTES).encode() + b"\n")
        os.fsync(handle)
        with suppress(FileExistsError):
            os.link(aside, file)
    finally:
        os.close(handle)
        aside.unlink()
