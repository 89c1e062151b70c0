"""Vectors of documents, remembered on disk: an index built anew, or a provider that wants paying, costs nothing twice.

The file is a convenience: whatever is wrong with it, the vectors are worked out as if it were not there.
"""

import hashlib
import sqlite3
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, TypeVar

from itops.instructions.index.embeddings import Embeddings, Span, Vectors

T = TypeVar("T")

_LIMIT_BYTES: Final = 512 * 1024 * 1024
_LOCK_SECONDS: Final = 2.0
_ASKED_AT_ONCE: Final = 500
# Any other error passes: the file is busy, the disk is full, or it may not be written.
_RUINED: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PREPARATION: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "CREATE TABLE IF NOT EXISTS vectors (seq INTEGER PRIMARY KEY, key BLOB UNIQUE, vector BLOB NOT NULL)",
)
_SIZES: Final = ("page_count", "freelist_count", "page_size")
_DROP_A_TENTH: Final = "DELETE FROM vectors WHERE seq <= (SELECT min(seq) + (max(seq) - min(seq)) / 10 FROM vectors)"


class CachedEmbeddings:
    """``Embeddings`` that work out each text once, for any number of processes that share the file.

    The file grows to about ``limit_bytes``; then the vectors that came first go first.
    """

    def __init__(self, embeddings: Embeddings, path: Path, *, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._embeddings = embeddings
        self._path = path
        self._limit = limit_bytes

    @property
    def name(self) -> str:
        """The name of the space."""
        return self._embeddings.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order; only texts that are not remembered are worked out, each once."""
        if not texts:
            return []
        keys = [_key(self.name, text) for text in texts]
        known: dict[bytes, list[float]] = self._with_file(lambda file: _recalled(file, keys), {})
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        fresh = dict(zip(missing, self._embeddings.embed(list(missing.values())), strict=True)) if missing else {}
        if len({len(vector) for found in (known, fresh) for vector in found.values()}) > 1:
            # The model behind this name is another one now: nothing that is remembered of it counts.
            self._start_anew()
            return self._embeddings.embed(texts)
        if fresh:
            self._with_file(lambda file: self._remember(file, fresh), None)
        return [fresh[key] if key in fresh else known[key] for key in keys]

    def embed_request(self, words: str, values: Sequence[Span]) -> list[float]:
        """Requests are not remembered on disk: people's words stay out of it."""
        return self._embeddings.embed_request(words, values)

    def _remember(self, file: sqlite3.Connection, vectors: dict[bytes, list[float]]) -> None:
        rows = [(key, array("f", vector).tobytes()) for key, vector in vectors.items()]
        file.execute("BEGIN IMMEDIATE")
        file.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)
        if _bytes_used(file) > self._limit:
            file.execute(_DROP_A_TENTH)
        file.execute("COMMIT")

    def _with_file(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS, isolation_level=None)) as file:
                for statement in _PREPARATION:
                    file.execute(statement)
                return work(file)
        except (sqlite3.Error, OSError, ValueError) as error:
            if isinstance(error, ValueError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _RUINED:
                self._start_anew()
            return otherwise

    def _start_anew(self) -> None:
        with suppress(OSError):
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _key(name: str, text: str) -> bytes:
    return hashlib.sha256(f"{name}\0{text}".encode(errors="surrogatepass")).digest()


def _recalled(file: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, list[float]]:
    found: dict[bytes, list[float]] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        asked = wanted[start : start + _ASKED_AT_ONCE]
        places = ",".join("?" * len(asked))
        rows = file.execute(f"SELECT key, vector FROM vectors WHERE key IN ({places})", asked)  # noqa: S608 - question marks alone
        found.update((key, _unpacked(vector)) for key, vector in rows)
    return found


def _unpacked(stored: bytes) -> list[float]:
    vector = array("f")
    vector.frombytes(stored)
    return vector.tolist()


def _bytes_used(file: sqlite3.Connection) -> int:
    pages, free, size = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in _SIZES)
    return int((pages - free) * size)
