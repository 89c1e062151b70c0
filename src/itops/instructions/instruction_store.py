"""The port to the search index: derived data, rebuilt from the library's tables whenever it differs from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from itops.domain.target import Platform
from itops.instructions.embeddings import Vectors


@dataclass(frozen=True)
class IndexContent:
    """What the index should hold: by platform, the text of each row.

    A row's name changes whenever its text does, so that equal names need no second look. ``generation`` names this
    state of the library.
    """

    generation: str
    rows: Mapping[Platform, Mapping[str, str]]


@dataclass(frozen=True)
class Hit:
    """A row near a query; ``cosine`` is 1 for the same meaning and about 0 for none in common."""

    row: str
    cosine: float


class InstructionStore(Protocol):
    """Vectors by platform, shared by every process that has the same index. Called in threads, from several at once.

    Raises:
        StoreError: the index can't be read or written. The library itself is as it was; the next ``update`` rebuilds
            the index from nothing.
    """

    def generation(self) -> str:
        """Which state of the library the index holds; empty where it holds none, or is broken."""
        ...

    def update(self, read: Callable[[], IndexContent], embed: Callable[[Sequence[str]], Vectors]) -> None:
        """Make the index hold what ``read`` returns; one writer at a time, and only what differs is embedded.

        ``read`` is called while no other writer works, so that an older state never overwrites a newer one.
        """
        ...

    def search(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        """The nearest rows of a platform, nearest first, as of the latest update by any process."""
        ...
