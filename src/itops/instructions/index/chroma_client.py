"""The search index in Chroma: a persistent client, one collection a platform.

A filter on metadata costs Chroma time linear in the collection, so platforms are kept apart instead. A client goes on
answering from the index as it was when the client was opened, whatever other processes write; so what is current
stands in a file beside the index, and who sees it change opens the index anew. The file holds the index's seal too, as
its writer left it: an index that differs is never opened, because Chroma's core ends the process over a broken one.
"""

import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions.index.embeddings import Vectors
from itops.instructions.index.index_seal import IndexSeal
from itops.instructions.index.instruction_store import Hit, IndexChange

_CURRENT: Final = "current.json"
_BATCH: Final = 1000
_COSINE: Final = {"hnsw": {"space": "cosine"}}


@dataclass(frozen=True)
class _State:
    """What stands in the file: the library's generation, the folder whose index holds it, and that index's seal."""

    generation: str = ""
    folder: str = ""
    seal: str = ""


class ChromaStore:
    """An ``InstructionStore`` under one folder of this machine, for any number of processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seal = IndexSeal()
        self._lock = threading.Lock()
        self._opened = _State()
        self._client: Any = None
        self._collections: dict[Platform, Any] = {}

    def generation(self) -> str:
        """Which state of the library the index holds; empty where it holds none, or is broken."""
        return self._state().generation

    def update(self, read: Callable[[str], IndexChange], embed: Callable[[Sequence[str]], Vectors]) -> None:
        """Bring the index to what ``read`` says; a whole one is built beside the old, which serves until then."""
        with self._locked():
            state = self._state()
            change = read(state.generation)
            if change.generation == state.generation:
                return
            if not change.is_whole:
                if self._try_amend(state, change, embed):
                    self._announce(change.generation, state.folder)
                    return
                change = read("")
            folder = f"index-{secrets.token_hex(4)}"
            with _translated("written"), _opened(self._path / folder) as client:
                _amend(client, change, embed)
            self._announce(change.generation, folder)

    def search(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        """The nearest rows of a platform, nearest first, as of the latest update by any process."""
        state = self._state()
        try:
            with _translated("read"):
                return self._query(platform, vector, top)
        except StoreError:
            with self._locked():
                if self._state() == state:
                    (self._path / _CURRENT).unlink(missing_ok=True)
            raise

    def _query(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        collection = self._collection(platform, vector)
        if collection is None:
            return []
        found = collection.query(query_embeddings=[list(vector)], n_results=top, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [Hit(row, 1 - float(distance)) for row, distance in pairs]

    def _collection(self, platform: Platform, vector: Sequence[float]) -> Any:  # noqa: ANN401 - a foreign type, imported late
        state = self._state()
        with self._lock:
            if state != self._opened or (state.folder and platform not in self._collections):
                with self._locked(shared=True):
                    self._load(platform, vector)
            return self._collections.get(platform)

    def _load(self, platform: Platform, vector: Sequence[float]) -> None:
        """Open what is current, while nobody writes it: Chroma reads a collection's files with the first query."""
        state = self._state()
        if state != self._opened:
            self._client, self._collections, self._opened = None, {}, state
        if state.folder:
            self._check(state)
            self._client = self._client or _start(self._path / state.folder)[1]
            collection = self._client.get_collection(_name(platform), embedding_function=None)
            collection.query(query_embeddings=[list(vector)], n_results=1, include=[])
            self._collections[platform] = collection

    def _check(self, state: _State) -> None:
        if self._seal.of(self._path / state.folder) != state.seal:
            raise _BrokenIndex("read", "its files are not as they were written")

    def _try_amend(self, state: _State, change: IndexChange, embed: Callable[[Sequence[str]], Vectors]) -> bool:
        try:
            with _translated("written"):
                self._check(state)
                with _opened(self._path / state.folder) as client:
                    _amend(client, change, embed)
        except _BrokenIndex:
            return False
        return True

    def _announce(self, generation: str, folder: str) -> None:
        state = _State(generation, folder, self._seal.of(self._path / folder))
        draft = self._path / f"{_CURRENT}.{os.getpid()}"
        draft.write_text(json.dumps(asdict(state)))
        draft.replace(self._path / _CURRENT)
        for stale in self._path.glob("index-*"):
            if stale.name != folder:
                shutil.rmtree(stale, ignore_errors=True)

    def _state(self) -> _State:
        try:
            state = _State(**json.loads((self._path / _CURRENT).read_text()))
        except (OSError, ValueError, TypeError):
            return _State()
        return state if (self._path / state.folder / "chroma.sqlite3").is_file() else _State()

    @contextmanager
    def _locked(self, *, shared: bool = False) -> Iterator[None]:
        """Alone with the index's files, or beside others that only read them."""
        import fcntl

        try:
            self._path.mkdir(parents=True, exist_ok=True)
            with (self._path / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise _BrokenIndex("written", error) from error


class _BrokenIndex(StoreError):
    def __init__(self, doing: str, error: Exception | str) -> None:
        super().__init__(
            f"The search index can't be {doing}: {error}.",
            world="The instructions themselves are as they were; only searching is hurt.",
            mend="Check the disk of ITOPS_HOME; its `index` folder may be deleted, it is rebuilt by the next search.",
        )


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # Chroma's core raises errors of many unrelated types
        raise _BrokenIndex(doing, error) from error


def _amend(client: Any, change: IndexChange, embed: Callable[[Sequence[str]], Vectors]) -> None:  # noqa: ANN401
    for platform in Platform if change.is_whole else {*change.put, *change.drop}:
        collection = client.get_or_create_collection(_name(platform), configuration=_COSINE, embedding_function=None)
        for names in _batches(sorted(change.drop.get(platform, ()))):
            collection.delete(ids=names)
        put_rows(collection, change.put.get(platform, {}), embed)


def put_rows(collection: Any, rows: Mapping[str, str], embed: Callable[[Sequence[str]], Vectors]) -> None:  # noqa: ANN401
    """Put rows into a collection; the next batch is embedded while Chroma stores the last."""
    with ThreadPoolExecutor(1) as storing:
        stored: Future[object] | None = None
        for names in _batches(list(rows)):
            vectors = embed([rows[name] for name in names])
            if stored:
                stored.result()
            stored = storing.submit(collection.upsert, ids=names, embeddings=vectors)
        if stored:
            stored.result()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A client for the length of a change; afterwards it writes no more."""
    system, client = _start(path)
    try:
        yield client
    finally:
        system.stop()


def _start(path: Path) -> tuple[Any, Any]:
    """A client and a system of its own: Chroma would hand out the one it has for this path, which may be stale."""
    from chromadb.api import ServerAPI
    from chromadb.api.client import Client
    from chromadb.config import Settings, System

    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]  # else a stray .env of the working directory has a say
        is_persistent=True,
        persist_directory=str(path),
        anonymized_telemetry=False,
    )
    system = System(settings)
    system.instance(ServerAPI)  # type: ignore[type-abstract]  # Chroma looks up the part that implements it
    system.start()
    return system, Client.from_system(system)


def _name(platform: Platform) -> str:
    return f"library-{platform.value}"


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _BATCH):
        yield list(names[start : start + _BATCH])
