"""What every ``InstructionStore`` promises, as a check to run against one.

``for promise in INSTRUCTION_STORE_PROMISES: promise(store)``, each with an empty store.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions.index.embeddings import Vectors
from itops.instructions.index.instruction_store import IndexChange, InstructionStore
from itops.testing.journal_contract import expect

Promise: TypeAlias = Callable[[InstructionStore], None]


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors of length 1 that are alike where the texts share letters."""
    counts = [[1.0 + text.count(letter) * 5 for letter in "abcdefgh"] for text in texts]
    return [[value / math.hypot(*row) for value in row] for row in counts]


def whole(generation: str, *texts: str, platform: Platform = Platform.LINUX) -> Callable[[str], IndexChange]:
    """All there should be: rows named like their texts."""
    change = IndexChange(generation, {platform: {text: text for text in texts}}, is_whole=True)
    return lambda _held: change


def amended(
    generation: str, *, put: Sequence[str] = (), drop: Sequence[str] = (), platform: Platform = Platform.LINUX
) -> Callable[[str], IndexChange]:
    """What differs from the generation before."""
    change = IndexChange(generation, {platform: {text: text for text in put}}, {platform: tuple(drop)})
    return lambda _held: change


def rows(store: InstructionStore, platform: Platform = Platform.LINUX) -> set[str]:
    """The rows that a search finds."""
    return {hit.row for hit in store.search(platform, embed(["aaa"])[0], 50)}


def is_empty_at_first(store: InstructionStore) -> None:
    """A new index holds no generation and finds nothing."""
    expect(store.generation() == "", "a new index holds no generation")
    expect(store.search(Platform.LINUX, embed(["a"])[0], 3) == [], "a new index finds nothing")


def finds_the_nearest_first(store: InstructionStore) -> None:
    """Hits come by their cosine, no more than asked for."""
    store.update(whole("1", "aaa", "aab", "hhh"), embed)
    hits = store.search(Platform.LINUX, embed(["aaa"])[0], 2)
    expect([hit.row for hit in hits] == ["aaa", "aab"], "the nearest come first, no more than asked for")
    expect(abs(hits[0].cosine - 1) < 1e-3, "the cosine of the same text is 1")  # noqa: PLR2004 - rounding
    expect(store.generation() == "1", "the index says which generation it holds")


def keeps_platforms_apart(store: InstructionStore) -> None:
    """A search sees rows of its platform alone."""
    content = {Platform.LINUX: {"aaa": "aaa"}, Platform.AWS: {"hhh": "hhh"}}
    store.update(lambda _held: IndexChange("1", content, is_whole=True), embed)
    expect(rows(store, Platform.AWS) == {"hhh"}, "platforms are apart")
    expect(rows(store, Platform.WINDOWS) == set(), "a platform without rows finds nothing")


def amends_what_it_holds(store: InstructionStore) -> None:
    """A change takes rows out, puts rows in, embeds only those, and leaves the others alone."""
    embedded: list[str] = []

    def counting(texts: Sequence[str]) -> Vectors:
        embedded.extend(texts)
        return embed(texts)

    store.update(whole("1", "aaa", "bbb"), counting)
    store.update(amended("2", put=["ccc"], drop=["aaa"]), counting)
    expect(rows(store) == {"bbb", "ccc"}, "rows that are dropped are found no more, and new ones are")
    expect(embedded == ["aaa", "bbb", "ccc"], "each row is embedded once")
    expect(store.generation() == "2", "the generation moves on")


def tells_the_generation_it_holds(store: InstructionStore) -> None:
    """``read`` learns what the index holds; where that is wanted already, nothing is written."""
    held: list[str] = []

    def read(generation: str) -> IndexChange:
        held.append(generation)
        return IndexChange("1", {Platform.LINUX: {f"row {len(held)}": "aaa"}}, is_whole=True)

    store.update(read, embed)
    store.update(read, embed)
    expect(held == ["", "1"], "read is told the generation that the index holds")
    expect(rows(store) == {"row 1"}, "the same generation is not written again")


def may_be_told_twice(store: InstructionStore) -> None:
    """To put a row that stands, or to drop one that does not, does no harm."""
    store.update(whole("1", "aaa", "bbb"), embed)
    store.update(amended("2", put=["aaa", "ccc"], drop=["bbb", "never"]), embed)
    store.update(amended("3", put=["ccc"], drop=["bbb"]), embed)
    expect(rows(store) == {"aaa", "ccc"}, "twice is as good as once")


def replaces_all(store: InstructionStore) -> None:
    """A whole change drops whatever else stands, also vectors of another dimension."""
    store.update(whole("1", "aaa"), lambda texts: [[1.0, 0.0] for _ in texts])
    store.update(whole("2", "bbb", "ccc"), embed)
    expect(rows(store) == {"bbb", "ccc"}, "a whole change is all there is")


def keeps_the_old_when_a_change_breaks_off(store: InstructionStore) -> None:
    """A change that can't be made leaves an index that answers and can be changed again."""

    def fail(_texts: Sequence[str]) -> Vectors:
        raise StoreError("There is no model.")

    store.update(whole("1", "aaa"), embed)
    for change in (amended("2", put=["bbb"]), whole("2", "ccc")):
        try:
            store.update(change, fail)
        except StoreError:
            expect(rows(store) == {"aaa"}, "the old rows are found as before")
        else:
            expect(False, "what the model says is passed on")
    store.update(amended("2", put=["bbb"]), embed)
    expect(rows(store) == {"aaa", "bbb"}, "the index goes on")


def goes_on_from_a_change_that_broke_off_midway(store: InstructionStore) -> None:
    """A change that broke off is none; what it has put already goes where the next change drops it."""

    def fail_in_the_middle(texts: Sequence[str]) -> Vectors:
        if "hhh" in texts:
            raise StoreError("There is no model.")
        return embed(texts)

    def break_off(change: IndexChange) -> None:
        try:
            store.update(lambda _held: change, fail_in_the_middle)
        except StoreError:
            return
        expect(False, "what the model says is passed on")

    put = {Platform.LINUX: {"bbb": "bbb", "ccc": "ccc"}, Platform.AWS: {"hhh": "hhh"}}
    for start, end, is_whole in (("1", "3", False), ("4", "6", True)):
        store.update(whole(start, "aaa"), embed)
        break_off(IndexChange("2", put, {Platform.LINUX: ["aaa"]}, is_whole=is_whole))
        expect(store.generation() == start, "a change that broke off is none")
        store.update(amended(end, put=["bbb"], drop=["ccc", "aaa"]), embed)
        expect(rows(store) == {"bbb"}, "the next change makes it right")
        expect(rows(store, Platform.AWS) == set(), "of what broke off nothing is left")


def empties(store: InstructionStore) -> None:
    """The last row can go too."""
    store.update(whole("1", "aaa"), embed)
    store.update(amended("2", drop=["aaa"]), embed)
    expect(rows(store) == set(), "an emptied index finds nothing")
    expect(store.generation() == "2", "an emptied index has its generation")


INSTRUCTION_STORE_PROMISES: Final[tuple[Promise, ...]] = (
    is_empty_at_first,
    finds_the_nearest_first,
    keeps_platforms_apart,
    amends_what_it_holds,
    tells_the_generation_it_holds,
    may_be_told_twice,
    replaces_all,
    keeps_the_old_when_a_change_breaks_off,
    goes_on_from_a_change_that_broke_off_midway,
    empties,
)
