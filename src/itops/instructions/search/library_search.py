"""Search in the library as it stands now, whichever process changed it."""

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy import Connection

from itops.domain.instruction import Instruction, RankedInstruction
from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions import change_log, records
from itops.instructions.index.embeddings import Embeddings
from itops.instructions.index.index_change import index_change
from itops.instructions.index.instruction_store import Hit, IndexChange, InstructionStore
from itops.instructions.learning.feedback import rank_shift, standing
from itops.instructions.search.elsewhere import Elsewhere
from itops.instructions.search.library import ROWS_FORM, Library, library_of
from itops.instructions.search.ranking import Ranked, rank
from itops.instructions.search.remembered import Remembered
from itops.instructions.search.request_words import values_of
from itops.storage.database import Database

_WORDS_LIMIT: Final = 2000
_REMEMBERED: Final = 512
_ROWS: Final = 100
_SEARCHERS: Final = 4
_NOWHERE: Final = Library("", {}, {})


class LibrarySearch:
    """The published instructions, and the index over them, both brought up to the tables before each search."""

    def __init__(
        self,
        *,
        database: Database,
        store: InstructionStore,
        embeddings: Embeddings,
        documents: Embeddings,
        threshold: float,
    ) -> None:
        self._database = database
        self._store = store
        self._embeddings = embeddings
        self._documents = documents
        self._threshold = threshold
        self._elsewhere = Elsewhere(documents)
        self._library = _NOWHERE
        self._vectors: Remembered[str, list[float]] = Remembered(_REMEMBERED)
        self._found: Remembered[object, list[RankedInstruction]] = Remembered(_REMEMBERED)
        self._instructions: Remembered[tuple[str, str], Instruction] = Remembered(_REMEMBERED)
        self._library_lock = threading.Lock()
        self._searchers = ThreadPoolExecutor(_SEARCHERS, "library-search")

    def find(
        self, words: str, *, platforms: tuple[Platform, ...], tools: frozenset[str] | None, top: int
    ) -> list[RankedInstruction]:
        """The best published instructions, best first; none for no words."""
        words = words.strip()[:_WORDS_LIMIT]
        library = self._refreshed()
        if not words or not library.shelf(platforms).cards:
            return []
        query = (library.generation, words, platforms, tools, top)
        return list(self._found.get(query, lambda: self._ranked(library, words, platforms, tools, top)))

    def bring_up(self) -> None:
        """Bring the search index up to the tables."""
        self._bring_up(self._database.read_here(change_log.generation))

    def _refreshed(self) -> Library:
        """The library as it stands, with the index brought up to it."""
        with self._library_lock:
            generation = self._database.read_here(change_log.generation)
            if self._library.generation != generation:
                self._library = self._database.read_here(self._catch_up)
            self._bring_up(generation)
            return self._library

    def _bring_up(self, generation: str) -> None:
        if self._store.generation() != self._name(generation):
            self._store.update(self._change, self._documents.embed)

    def _catch_up(self, connection: Connection) -> Library:
        generation = change_log.generation(connection)
        logged = change_log.changed_since(connection, self._library.generation)
        shifts = {identity: rank_shift(said) for identity, said in standing(connection).items()}
        if logged is None:
            return library_of(generation, records.published(connection), shifts)
        changed = {one.id for one in logged}
        return self._library.later(generation, changed, records.published(connection, changed), shifts)

    def _change(self, held: str) -> IndexChange:
        space = self._name("")
        known = held.removeprefix(space) if held.startswith(space) else ""
        return self._database.read_here(lambda one: index_change(one, known, named=self._name))

    def _name(self, generation: str) -> str:
        """How the index calls a generation: vectors of two models, or of other texts, can't be compared."""
        return f"{self._embeddings.name}/{ROWS_FORM}@{generation}"

    def _ranked(
        self, library: Library, words: str, platforms: tuple[Platform, ...], tools: frozenset[str] | None, top: int
    ) -> list[RankedInstruction]:
        vector = self._vectors.get(words, lambda: self._embeddings.embed_request(words, values_of(words)))
        try:
            hits = self._hits(platforms, vector, top)
        except StoreError:
            self.bring_up()
            hits = self._hits(platforms, vector, top)
        elsewhere = self._elsewhere.nearness(vector)
        shelf, least = library.shelf(platforms), self._threshold
        best = rank(
            words, shelf, hits, tools=tools, elsewhere=elsewhere, top=top, threshold=least, shifts=library.shifts
        )
        return self._with_instructions(best)

    def _hits(self, platforms: tuple[Platform, ...], vector: list[float], top: int) -> list[Hit]:
        """The nearest rows of each platform; the index lets other threads run while it searches."""
        first, *others = ((platform, vector, _ROWS + 2 * top) for platform in platforms)
        elsewhere = [self._searchers.submit(self._store.search, *one) for one in others]
        return [*self._store.search(*first), *(hit for hits in elsewhere for hit in hits.result())]

    def _with_instructions(self, best: Sequence[Ranked]) -> list[RankedInstruction]:
        keys = [(one.card.id, one.card.version) for one in best]
        found = self._instructions.get_all(keys, self._read)
        return [
            RankedInstruction(instruction=found[key], score=one.score, confident=one.confident)
            for key, one in zip(keys, best, strict=True)
        ]

    def _read(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Instruction]:
        """Versions that were found as published; they can be read whatever has become of them since."""
        found = self._database.read_here(lambda connection: list(records.versions(connection, keys)))
        return {(one.instruction.id, one.version): one.instruction for one in found}
