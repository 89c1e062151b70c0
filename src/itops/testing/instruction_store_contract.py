"""What every ``InstructionStore`` promises, as a check to run against one.

``for promise in INSTRUCTION_STORE_PROMISES: promise(store)``, each with an empty store.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from itops.domain.target import Platform
from itops.instructions.embeddings import Vectors
from itops.instructions.instruction_store import IndexContent, InstructionStore
from itops.testing.journal_contract import expect

Promise: TypeAlias = Callable[[InstructionStore], None]


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors of length 1 that are alike where the texts share letters."""
    counts = [[1.0 + text.count(letter) * 5 for letter in "abcdefgh"] for text in texts]
    return [[value / math.hypot(*row) for value in row] for row in counts]


def content(generation: str, *texts: str, platform: Platform = Platform.LINUX) -> IndexContent:
    """Rows named like their texts."""
    return IndexContent(generation, {platform: {text: text for text in texts}})


def is_empty_at_first(store: InstructionStore) -> None:
    """A new index holds no generation and finds nothing."""
    expect(store.generation() == "", "a new index holds no generation")
    expect(store.search(Platform.LINUX, embed(["a"])[0], 3) == [], "a new index finds nothing")


def finds_the_nearest_first(store: InstructionStore) -> None:
    """Hits come by their cosine, no more than asked for."""
    store.update(lambda: content("1", "aaa", "aab", "hhh"), embed)
    hits = store.search(Platform.LINUX, embed(["aaa"])[0], 2)
    expect([hit.row for hit in hits] == ["aaa", "aab"], "the nearest come first, no more than asked for")
    expect(abs(hits[0].cosine - 1) < 1e-3, "the cosine of the same text is 1")  # noqa: PLR2004 - rounding
    expect(store.generation() == "1", "the index says which generation it holds")


def keeps_platforms_apart(store: InstructionStore) -> None:
    """A search sees rows of its platform alone."""
    rows = {Platform.LINUX: {"aaa": "aaa"}, Platform.AWS: {"hhh": "hhh"}}
    store.update(lambda: IndexContent("1", rows), embed)
    expect([hit.row for hit in store.search(Platform.AWS, embed(["aaa"])[0], 5)] == ["hhh"], "platforms are apart")
    expect(store.search(Platform.WINDOWS, embed(["aaa"])[0], 5) == [], "a platform without rows finds nothing")


def embeds_only_what_is_new(store: InstructionStore) -> None:
    """An update takes rows out, puts rows in, and leaves the others alone."""
    embedded: list[str] = []

    def counting(texts: Sequence[str]) -> Vectors:
        embedded.extend(texts)
        return embed(texts)

    store.update(lambda: content("1", "aaa", "bbb"), counting)
    store.update(lambda: content("2", "bbb", "ccc"), counting)
    found = {hit.row for hit in store.search(Platform.LINUX, embed(["aaa"])[0], 5)}
    expect(found == {"bbb", "ccc"}, "rows that are gone are found no more, and new ones are")
    expect(sorted(embedded) == ["aaa", "bbb", "ccc"], "each row is embedded once")


def empties(store: InstructionStore) -> None:
    """The last row can go too."""
    store.update(lambda: content("1", "aaa"), embed)
    store.update(lambda: content("2"), embed)
    expect(store.search(Platform.LINUX, embed(["aaa"])[0], 5) == [], "an emptied index finds nothing")
    expect(store.generation() == "2", "an emptied index has its generation")


INSTRUCTION_STORE_PROMISES: Final[tuple[Promise, ...]] = (
    is_empty_at_first,
    finds_the_nearest_first,
    keeps_platforms_apart,
    embeds_only_what_is_new,
    empties,
)
