"""A search index that lives as long as its object."""

import threading
from collections.abc import Callable, Sequence

from itops.domain.target import Platform
from itops.instructions.index.embeddings import Vectors
from itops.instructions.index.instruction_store import Hit, IndexChange


class MemoryInstructionStore:
    """An ``InstructionStore`` in memory. Set ``failure`` and every search raises it once, then the index is empty."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self._generation = ""
        self._vectors: dict[Platform, dict[str, list[float]]] = {}
        self._lock = threading.Lock()

    def generation(self) -> str:
        """Which state of the library the index holds; empty where it holds none."""
        return self._generation

    def update(self, read: Callable[[str], IndexChange], embed: Callable[[Sequence[str]], Vectors]) -> None:
        """Bring the index to what ``read`` says."""
        with self._lock:
            change = read(self._generation)
            if change.generation == self._generation:
                return
            vectors = {} if change.is_whole else {platform: dict(rows) for platform, rows in self._vectors.items()}
            for platform, names in change.drop.items():
                for name in names:
                    vectors.get(platform, {}).pop(name, None)
            for platform, rows in change.put.items():
                new = embed(list(rows.values())) if rows else []
                vectors.setdefault(platform, {}).update(zip(rows, new, strict=True))
            self._vectors, self._generation = vectors, change.generation

    def search(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        """The nearest rows of a platform, nearest first."""
        if self.failure:
            failure, self.failure = self.failure, None
            self._generation, self._vectors = "", {}
            raise failure
        rows = self._vectors.get(platform, {}).items()
        hits = [Hit(row, sum(a * b for a, b in zip(vector, other, strict=True))) for row, other in rows]
        return sorted(hits, key=lambda hit: -hit.cosine)[:top]
