"""Search sees the tables as they stand, and heals the index."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from itops.domain.instruction import Instruction, InstructionState
from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions import records
from itops.instructions.records import Change
from itops.instructions.search.library_search import LibrarySearch
from itops.storage.database import Database
from itops.testing.memory_instruction_store import MemoryInstructionStore

LINUX = (Platform.LINUX, Platform.ANY)


@pytest.fixture
def search(database: Database, store: MemoryInstructionStore, letters: Any) -> LibrarySearch:
    return LibrarySearch(database=database, store=store, embeddings=letters, documents=letters, threshold=0.4)


@pytest.fixture
def put(database: Database, make: Callable[..., Instruction]) -> Callable[..., str]:
    def change(name: str, title: str, before: str = "") -> str:
        after = make(name, title, state=InstructionState.PUBLISHED)
        changes = [Change(name, before, after, ("added",))]
        database.run_here(lambda one: records.write(one, changes, author="ann", at=datetime.now(UTC)))
        return after.version

    return change


def found(search: LibrarySearch, words: str) -> list[str]:
    return [one.instruction.title for one in search.find(words, platforms=LINUX, tools=None, top=5)]


def test_a_change_by_another_is_seen_by_the_next_search(search: LibrarySearch, put: Callable[..., str]) -> None:
    assert found(search, "abc") == []
    version = put("a", "abc")
    assert found(search, "abc") == ["abc"]
    put("a", "cba", version)
    assert found(search, "abc") == ["cba"]


def test_only_what_is_new_is_embedded(search: LibrarySearch, put: Callable[..., str], letters: Any) -> None:
    put("a", "abc")
    found(search, "query")
    put("b", "def")
    found(search, "query")
    found(search, "query")
    assert [letters.embedded.count(text) for text in ("abc", "def", "query")] == [1, 1, 1]


def test_a_broken_index_is_rebuilt_and_the_search_answers(
    search: LibrarySearch, put: Callable[..., str], store: MemoryInstructionStore
) -> None:
    put("a", "abc")
    found(search, "abc")
    store.failure = StoreError("The index is broken.")
    assert found(search, "abc") == ["abc"]


def test_an_index_of_another_library_is_replaced(
    search: LibrarySearch, put: Callable[..., str], store: MemoryInstructionStore, letters: Any
) -> None:
    put("a", "abc")
    found(search, "abc")
    store._generation = "another"
    store._vectors = {Platform.LINUX: {"ghost#1": letters.embed(["abc"])[0]}}
    assert found(search, "abc") == ["abc"]
    assert store.generation() != "another"


@pytest.mark.parametrize("words", ["", "  \n", "\0", "a" * 100_000, "\u202e \U0001f355"])
def test_odd_words_are_no_harm(search: LibrarySearch, put: Callable[..., str], words: str) -> None:
    put("a", "abc")
    assert len(found(search, words)) <= 1
