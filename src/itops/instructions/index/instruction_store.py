"""The port to the search index: derived data, rebuilt from the library's tables whenever it differs from them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from itops.domain.target import Platform
from itops.instructions.index.embeddings import Vectors


@dataclass(frozen=True)
class IndexChange:
    """How the index gets from the generation that it holds to ``generation``: rows to put and to drop, by platform.

    A row is a name and the text to embed; its name changes whenever its text does, so that equal names need no second
    look. Where the change ``is_whole``, ``put`` is all there should be, and whatever else stands is dropped.
    """

    generation: str
    put: Mapping[Platform, Mapping[str, str]] = field(default_factory=dict)
    drop: Mapping[Platform, Collection[str]] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True)
class Hit:
    """A row near a query; ``cosine`` is 1 for the same meaning and about 0 for none in common."""

    row: str
    cosine: float


class InstructionStore(Protocol):
    """Vectors by platform, shared by every process that has the same index. Called in threads, from several at once.

    Generations are opaque names. One begins with the name of its embedding space; vectors of two spaces never meet,
    because the change from one to the other is whole.

    Raises:
        StoreError: the index can't be read or written. The library itself is as it was; the next ``update`` rebuilds
            the index from nothing.
    """

    def generation(self) -> str:
        """Which state of the library the index holds; empty where it holds none, or is broken."""
        ...

    def update(self, read: Callable[[str], IndexChange], embed: Callable[[Sequence[str]], Vectors]) -> None:
        """Bring the index to what ``read`` says; one writer at a time.

        ``read`` is called while no other writer works, with the generation that the index holds; so an older state
        never overwrites a newer one. To put or drop a row twice does no harm.
        """
        ...

    def search(self, platform: Platform, vector: Sequence[float], top: int) -> list[Hit]:
        """The nearest rows of a platform, nearest first, as of the latest update by any process."""
        ...
