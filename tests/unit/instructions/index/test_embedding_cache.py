"""What is remembered of documents: each text is worked out once, whatever happens to the file."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from itops.errors import StoreError
from itops.instructions.index.embedding_cache import CachedEmbeddings
from itops.instructions.index.embeddings import MiniLmEmbeddings, Vectors


class Counting:
    """Numbers that differ for each text; counts what it was asked."""

    def __init__(self, name: str = "counting", dimension: int = 8) -> None:
        self.name = name
        self.dimension = dimension
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return [[float(len(text)), *[0.25] * (self.dimension - 1)] for text in texts]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index" / "embeddings.db"


def test_each_text_is_worked_out_once(path: Path) -> None:
    model = Counting()
    first = CachedEmbeddings(model, path).embed(["a", "bb", "a"])
    again = CachedEmbeddings(model, path).embed(["bb", "ccc", "a"])
    assert [vector[0] for vector in first] == [1, 2, 1]
    assert [vector[0] for vector in again] == [2, 3, 1]
    assert model.asked == ["a", "bb", "ccc"]


def test_what_is_remembered_is_the_very_vector(path: Path) -> None:
    mini = MiniLmEmbeddings()
    cache = CachedEmbeddings(mini, path)
    texts = ["reset a password", "show the disks"]
    assert cache.embed(texts) == cache.embed(texts) == mini.embed(texts)
    assert cache.name == mini.name


def test_spaces_are_apart(path: Path) -> None:
    one, other = Counting("one"), Counting("other", dimension=4)
    for model in (one, other, one, other):
        assert len(CachedEmbeddings(model, path).embed(["a"])[0]) == model.dimension
    assert (one.asked, other.asked) == (["a"], ["a"])


def test_many_texts_and_odd_ones(path: Path) -> None:
    texts = [f"text {number}" for number in range(1700)] + ["", "\0", "\u202e\U0001f355", "x" * 100_000, "\ud800"]
    model = Counting()
    cache = CachedEmbeddings(model, path)
    assert cache.embed(texts) == cache.embed(texts)
    assert model.asked == texts
    assert cache.embed([]) == []


@pytest.mark.parametrize("damage", ["garbage", "truncated", "overwritten", "half a vector", "another table", "empty"])
def test_a_damaged_file_is_started_anew(path: Path, damage: str) -> None:
    texts = [f"text {number}" * 50 for number in range(500)]
    CachedEmbeddings(Counting(), path).embed(texts)
    content = path.read_bytes()
    if damage == "half a vector":
        with sqlite3.connect(path) as file:
            file.execute("UPDATE vectors SET vector = x'000000'")
    elif damage == "another table":
        path.unlink()
        with sqlite3.connect(path) as file:
            file.execute("CREATE TABLE vectors (other TEXT)")
    else:
        damaged = {
            "garbage": b"garbage" * 5000,
            "truncated": content[:9000],
            "overwritten": content[:4096] + b"\xff" * (len(content) - 4096),
            "empty": b"",
        }
        path.write_bytes(damaged[damage])
    model = Counting()
    for _ in range(3):
        assert CachedEmbeddings(model, path).embed(texts) == Counting().embed(texts)
    assert len(model.asked) <= 2 * len(texts), "it works again after the damage was seen"


def test_a_model_that_changes_its_dimension_is_worked_out_anew(path: Path) -> None:
    CachedEmbeddings(Counting(dimension=8), path).embed(["a", "b"])
    model = Counting(dimension=4)
    cache = CachedEmbeddings(model, path)
    assert {len(vector) for vector in cache.embed(["a", "c"])} == {4}
    assert {len(vector) for vector in cache.embed(["a", "b", "c"])} == {4}


@pytest.mark.parametrize("obstacle", ["a file in the way", "a folder in its place"])
def test_a_file_that_cant_be_had_changes_nothing(path: Path, obstacle: str) -> None:
    if obstacle == "a file in the way":
        path.parent.write_text("")
    else:
        path.mkdir(parents=True)
    assert CachedEmbeddings(Counting(), path).embed(["a"]) == Counting().embed(["a"])


def test_while_another_writes_for_long_nothing_waits_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itops.instructions.index.embedding_cache._LOCK_SECONDS", 0.1)
    cache = CachedEmbeddings(Counting(), path)
    cache.embed(["a"])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert cache.embed(["a", "bb"]) == Counting().embed(["a", "bb"])
    other.close()
    assert len(path.read_bytes()) > 0


def test_the_file_is_bounded_and_the_oldest_go_first(path: Path) -> None:
    model = Counting(dimension=400)
    cache = CachedEmbeddings(model, path, limit_bytes=400_000)
    for number in range(60):
        cache.embed([f"{number} {place}" for place in range(20)])
    assert sum(file.stat().st_size for file in path.parent.glob("embeddings.db")) < 800_000
    model.asked.clear()
    cache.embed(["59 0", "0 0"])
    assert model.asked == ["0 0"]


def test_an_error_of_the_model_is_passed_on(path: Path) -> None:
    class Broken(Counting):
        def embed(self, texts: Sequence[str]) -> Vectors:
            raise StoreError("There is no model.")

    with pytest.raises(StoreError, match="no model"):
        CachedEmbeddings(Broken(), path).embed(["a"])


WRITER = """
import sys
from pathlib import Path
from itops.instructions.index.embedding_cache import CachedEmbeddings

class Model:
    name = "counting"
    def embed(self, texts):
        return [[float(len(text)), *[0.25] * 7] for text in texts]

cache = CachedEmbeddings(Model(), Path(sys.argv[1]))
for turn in range(20):
    texts = [f"{place}" + "x" * (place % 7) for place in range(turn * 10, turn * 10 + 30)]
    assert [vector[0] for vector in cache.embed(texts)] == [len(text) for text in texts]
"""


def test_processes_and_threads_share_the_file(path: Path) -> None:
    others = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    cache, failures = CachedEmbeddings(Counting(), path), list[str]()

    def embed() -> None:
        for turn in range(20):
            texts = [f"{place}" + "x" * (place % 7) for place in range(turn * 10, turn * 10 + 30)]
            if [vector[0] for vector in cache.embed(texts)] != [len(text) for text in texts]:
                failures.append("a wrong vector")

    threads = [threading.Thread(target=embed) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(timeout=60) for other in others] == [0, 0]
    assert failures == []
    model = Counting()
    CachedEmbeddings(model, path).embed(["0", "1x", "2xx"])
    assert model.asked == []
