"""Replies of models, remembered on disk: the same question to the same model costs nothing twice.

So a task that is taken up again after a crash thinks what it had thought. The file is a convenience: whatever is wrong
with it, the model is asked as if it were not there. It holds replies and hashes of requests, never a request.
"""

import asyncio
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from itops.domain.outcome import Usage
from itops.llm.json_text import objects_in
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said

T = TypeVar("T")

_KEPT_SECONDS: Final = 24 * 3600.0
_LIMIT_ROWS: Final = 20_000
_LOCK_SECONDS: Final = 2.0
# Any other error passes: the file is busy, the disk is full, or it may not be written.
_RUINED: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PREPARATION: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, at REAL NOT NULL, said TEXT NOT NULL)",
)


class CachedModel:
    """A model that remembers for a day what it said, for any number of processes that share the file.

    Not remembered is what must not repeat, what was cut off, what has no JSON where a shape was wanted, what holds
    something that looks like a secret, and what a fall-back said.

    Args:
        model: Who is asked where nothing is remembered.
        path: The file.
        salt: What else a reply depends on, such as the address and the dialect.
        redact: Tells whether a text holds a secret: it changes it.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        model: LanguageModel,
        path: Path,
        *,
        salt: str = "",
        redact: Callable[[str], str] = str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = model.name
        self._model = model
        self._path = path
        self._salt = salt
        self._redact = redact
        self._clock = clock

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says, or said; the usage tells which."""
        if not request.repeatable:
            return await self._model.say(request, hear)
        key = _key(self.name, self._salt, request)
        known = await asyncio.to_thread(self._recall, key)
        if known is not None:
            if hear is not None:
                hear(known.text)
            return known
        said = await self._model.say(request, hear)
        if self._is_worth_keeping(said, request):
            await asyncio.to_thread(self._remember, key, said)
        return said

    def _is_worth_keeping(self, said: Said, request: ModelRequest) -> bool:
        by_another = said.model not in ("", self.name)
        if by_another or said.cut_off or not said.text.strip() or self._redact(said.text) != said.text:
            return False
        return request.shape is None or any(objects_in(said.text))

    def _recall(self, key: str) -> Said | None:
        query = "SELECT said FROM replies WHERE key = ? AND at > ?"
        since = self._clock() - _KEPT_SECONDS
        row = self._with_file(lambda file: file.execute(query, (key, since)).fetchone(), None)
        try:
            said = Said.model_validate_json(row[0]) if row else None
        except ValidationError:
            return None
        return said and said.model_copy(update={"usage": Usage(cached_calls=1)})

    def _remember(self, key: str, said: Said) -> None:
        def write(file: sqlite3.Connection) -> None:
            now = self._clock()
            file.execute("BEGIN IMMEDIATE")
            file.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?)", (key, now, said.model_dump_json()))
            file.execute("DELETE FROM replies WHERE at <= ?", (now - _KEPT_SECONDS,))
            if file.execute("SELECT count(*) FROM replies").fetchone()[0] > _LIMIT_ROWS:
                oldest = "SELECT key FROM replies ORDER BY at LIMIT ?"
                file.execute(f"DELETE FROM replies WHERE key IN ({oldest})", (_LIMIT_ROWS // 10,))  # noqa: S608 - no value
            file.execute("COMMIT")

        self._with_file(write, None)

    def _with_file(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        try:
            self._make_private()
            with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS, isolation_level=None)) as file:
                for statement in _PREPARATION:
                    file.execute(statement)
                return work(file)
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _RUINED:
                self._start_anew()
            return otherwise

    def _make_private(self) -> None:
        """The file is its owner's alone from its first moment."""
        with suppress(FileExistsError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def _start_anew(self) -> None:
        with suppress(OSError):
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _key(model: str, salt: str, request: ModelRequest) -> str:
    asked: dict[str, Any] = {"model": model, "salt": salt, "request": request.model_dump(mode="json")}
    asked["request"]["versions"] = sorted(request.versions)
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
