"""Search in the library as it stands now, whichever process changed it."""

import threading
from typing import Final

from itops.domain.instruction import InstructionState, RankedInstruction
from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions import records
from itops.instructions.embeddings import Embeddings
from itops.instructions.instruction_store import Hit, IndexContent, InstructionStore
from itops.instructions.library import Library
from itops.instructions.ranking import rank
from itops.instructions.remembered import Remembered
from itops.storage.database import Database

_WORDS_LIMIT: Final = 2000
_REMEMBERED: Final = 512
_ROWS: Final = 100


class LibrarySearch:
    """The published instructions, and the index over them, both brought up to the tables before each search."""

    def __init__(
        self, *, database: Database, store: InstructionStore, embeddings: Embeddings, threshold: float
    ) -> None:
        self._database = database
        self._store = store
        self._embeddings = embeddings
        self._threshold = threshold
        self._library: Library | None = None
        self._vectors: Remembered[str, list[float]] = Remembered(_REMEMBERED)
        self._found: Remembered[object, list[RankedInstruction]] = Remembered(_REMEMBERED)
        self._library_lock = threading.Lock()

    def find(
        self, words: str, *, platforms: tuple[Platform, ...], tools: frozenset[str] | None, top: int
    ) -> list[RankedInstruction]:
        """The best published instructions, best first; none for no words."""
        words = words.strip()[:_WORDS_LIMIT]
        library = self.refresh()
        if not words or not library.shelf(platforms).entries:
            return []
        query = (library.generation, words, platforms, tools, top)
        return list(self._found.get(query, lambda: self._ranked(library, words, platforms, tools, top)))

    def _ranked(
        self, library: Library, words: str, platforms: tuple[Platform, ...], tools: frozenset[str] | None, top: int
    ) -> list[RankedInstruction]:
        vector = self._vectors.get(words, lambda: self._embeddings.embed([words])[0])
        try:
            hits = self._hits(platforms, vector, top)
        except StoreError:
            self.refresh()
            hits = self._hits(platforms, vector, top)
        return rank(words, library.shelf(platforms), hits, tools=tools, top=top, threshold=self._threshold)

    def refresh(self) -> Library:
        """The library as it stands, with the index brought up to it."""
        with self._library_lock:
            generation = self._database.run_here(records.generation)
            if self._library is None or self._library.generation != generation:
                self._library = self._read()
            if self._store.generation() != generation:
                self._store.update(self._content, self._embeddings.embed)
            return self._library

    def _content(self) -> IndexContent:
        self._library = self._read()
        return self._library.content()

    def _read(self) -> Library:
        """The generation is read first: a change in between is then seen as a newer generation, never missed."""
        generation = self._database.run_here(records.generation)
        published = self._database.run_here(lambda one: records.current(one, state=InstructionState.PUBLISHED))
        return Library(generation, published)

    def _hits(self, platforms: tuple[Platform, ...], vector: list[float], top: int) -> list[Hit]:
        return [hit for platform in platforms for hit in self._store.search(platform, vector, _ROWS + 10 * top)]
