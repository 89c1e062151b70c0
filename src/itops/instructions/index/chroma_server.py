"""The search index on a Chroma server, for processes on many machines.

A record, which is the metadata of an empty collection, says which collections hold the index, and of which generation
they are. An index built anew is built beside the old one; the record then turns from one to the other in one write.
"""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions.index.chroma_client import put_rows
from itops.instructions.index.chroma_http import ChromaHttp, IndexUnusable
from itops.instructions.index.embeddings import Vectors
from itops.instructions.index.instruction_store import Hit, IndexChange

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

Embed = Callable[[Sequence[str]], Vectors]

_FRESH_SECONDS: Final = 1.0
_BATCH: Final = 1000


@dataclass(frozen=True)
class _State:
    """What the record says: the library's generation, and the build of the index that holds it."""

    generation: str = ""
    build: str = ""


class ChromaServerStore:
    """An ``InstructionStore`` on a Chroma server.

    Args:
        server: The way there.
        library: Names the library, so that two of them can share a server; asked when first needed.
        writing: Held while the index is changed: it admits one writer at a time, wherever it runs.
    """

    def __init__(
        self,
        server: ChromaHttp,
        *,
        library: Callable[[], str],
        writing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._server = server
        self._library = library
        self._writing = writing
        self._lock = threading.Lock()
        self._seen = _State()
        self._seen_at = float("-inf")
        self._collections: dict[str, Collection] = {}

    def generation(self) -> str:
        """Which state of the library the index holds; empty where it holds none, or is broken."""
        return self._state().generation

    def update(self, read: Callable[[str], IndexChange], embed: Embed) -> None:
        """Bring the index to what ``read`` says; a whole one is built beside the old, which serves until then."""
        with self._writing():
            state = self._looked_up()
            change = read(state.generation)
            if change.generation == state.generation:
                return
            if not change.is_whole:
                if self._try_amend(state, change, embed):
                    return
                change = read("")
            self._build(state, change, embed)

    def search(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        """The nearest rows of a platform, nearest first, as of the latest update by any process."""
        state = self._state()
        try:
            return self._query(state, platform, vector, top)
        except IndexUnusable:
            now = self._looked_up()
            if now.build != state.build:
                return self._query(now, platform, vector, top)
            self._server.delete(self._record)
            self._keep(_State())
            raise

    def _query(self, state: _State, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        if not state.build:
            return []
        collection = self._collection(platform, state)
        with self._server.translated("read"):
            wanted: list[Sequence[float] | Sequence[int]] = [list(vector)]
            found = collection.query(query_embeddings=wanted, n_results=top, include=["distances"])
        pairs = zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
        return [Hit(row, 1 - float(distance)) for row, distance in pairs]

    def _try_amend(self, state: _State, change: IndexChange, embed: Embed) -> bool:
        """Where this breaks off, the index stays in its generation, and the next change from there mends it."""
        try:
            for platform, rows in change.put.items():
                with self._server.translated("written"):
                    put_rows(self._collection(platform, state), rows, embed)
            for platform, names in change.drop.items():
                self._drop(self._collection(platform, state), sorted(set(names) - change.put.get(platform, {}).keys()))
        except IndexUnusable:
            return False
        self._announce(state, _State(change.generation, state.build))
        return True

    def _drop(self, collection: "Collection", names: Sequence[str]) -> None:
        for start in range(0, len(names), _BATCH):
            with self._server.translated("written"):
                collection.delete(ids=list(names[start : start + _BATCH]))

    def _build(self, state: _State, change: IndexChange, embed: Embed) -> None:
        build = secrets.token_hex(4)
        for platform in Platform:
            collection = self._server.make(self._name(platform, build))
            with self._server.translated("written"):
                put_rows(collection, change.put.get(platform, {}), embed)
        self._announce(state, _State(change.generation, build))

    def _announce(self, before: _State, now: _State) -> None:
        """Write the record, unless another writer has: it may, where this process slept through its right to write."""
        if self._looked_up() != before:
            raise StoreError(
                "Another process has changed the search index meanwhile.",
                world="The index is as that process left it; the instructions themselves are as they were.",
                mend="Search again: the index is then brought up to date.",
            )
        record = self._server.make(self._record)
        with self._server.translated("written"):
            record.modify(metadata=asdict(now))
        self._keep(now)
        self._sweep(now.build)

    def _sweep(self, build: str) -> None:
        for name in self._server.names():
            if name.startswith(f"{self._record}-") and not name.endswith(f"-{build}"):
                self._server.delete(name)

    def _state(self) -> _State:
        with self._lock:
            if time.monotonic() - self._seen_at < _FRESH_SECONDS:
                return self._seen
        return self._looked_up()

    def _looked_up(self) -> _State:
        record = self._server.find(self._record)
        try:
            state = _State(**(record.metadata or {})) if record else _State()
        except TypeError:
            state = _State()
        self._keep(state)
        return state

    def _keep(self, state: _State) -> None:
        with self._lock:
            if state.build != self._seen.build:
                self._collections.clear()
            self._seen, self._seen_at = state, time.monotonic()

    def _collection(self, platform: Platform, state: _State) -> "Collection":
        name = self._name(platform, state.build)
        with self._lock:
            known = self._collections.get(name)
        if known is None:
            known = self._server.find(name)
            if known is None:
                raise IndexUnusable("A part of the search index is gone from the Chroma server.")
            with self._lock:
                self._collections[name] = known
        return known

    @cached_property
    def _record(self) -> str:
        return f"itops-{self._library()}"

    def _name(self, platform: Platform, build: str) -> str:
        return f"{self._record}-{platform.value}-{build}"
