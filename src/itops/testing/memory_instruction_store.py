"""A search index that lives as long as its object."""

import threading
from collections.abc import Callable, Sequence

from itops.domain.target import Platform
from itops.instructions.embeddings import Vectors
from itops.instructions.instruction_store import Hit, IndexContent


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

    def update(self, read: Callable[[], IndexContent], embed: Callable[[Sequence[str]], Vectors]) -> None:
        """Make the index hold what ``read`` returns."""
        with self._lock:
            content = read()
            for platform in Platform:
                rows = content.rows.get(platform, {})
                kept = {row: vector for row, vector in self._vectors.get(platform, {}).items() if row in rows}
                new = [row for row in rows if row not in kept]
                vectors = embed([rows[row] for row in new]) if new else []
                self._vectors[platform] = {**kept, **dict(zip(new, vectors, strict=True))}
            self._generation = content.generation

    def search(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        """The nearest rows of a platform, nearest first."""
        if self.failure:
            failure, self.failure = self.failure, None
            self._generation, self._vectors = "", {}
            raise failure
        rows = self._vectors.get(platform, {}).items()
        hits = [Hit(row, sum(a * b for a, b in zip(vector, other, strict=True))) for row, other in rows]
        return sorted(hits, key=lambda hit: -hit.cosine)[:top]
