"""The index in Chroma: seen by other clients, healed when it breaks, written by one at a time."""

import itertools
import shutil
import threading
from pathlib import Path

import pytest

from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions.index.chroma_client import ChromaStore
from itops.testing.instruction_store_contract import amended, embed, rows, whole

WORDS = ["b" * b + "c" * c + "d" * d for b, c, d in itertools.product(range(1, 14), repeat=3)]


def test_another_client_sees_each_update(tmp_path: Path) -> None:
    writer, reader = ChromaStore(tmp_path), ChromaStore(tmp_path)
    writer.update(whole("0", "aaa", "b0"), embed)
    for number in range(1, 5):
        writer.update(amended(str(number), put=[f"b{number}"], drop=[f"b{number - 1}"]), embed)
        assert rows(reader) == rows(writer) == {"aaa", f"b{number}"}


@pytest.mark.parametrize("damage", ["garbage", "truncated", "gone", "unreadable state"])
def test_a_broken_index_is_built_anew(tmp_path: Path, damage: str) -> None:
    ChromaStore(tmp_path).update(whole("1", "aaa", "bbb"), embed)
    (file,) = tmp_path.glob("index-*/chroma.sqlite3")
    if damage == "gone":
        shutil.rmtree(file.parent)
    elif damage == "unreadable state":
        (tmp_path / "current.json").write_text('{"generation": ')
    else:
        file.write_bytes(b"garbage" * 5000 if damage == "garbage" else file.read_bytes()[:5000])
    store = ChromaStore(tmp_path)
    if store.generation():
        with pytest.raises(StoreError, match="can't be read"):
            rows(store)
    assert store.generation() == ""
    store.update(whole("1", "aaa", "bbb"), embed)
    assert rows(store) == {"aaa", "bbb"}
    assert len(list(tmp_path.glob("index-*"))) == 1


def test_an_update_mends_what_it_cant_read(tmp_path: Path) -> None:
    store = ChromaStore(tmp_path)
    store.update(whole("1", "aaa"), embed)
    (file,) = tmp_path.glob("index-*/chroma.sqlite3")
    file.write_bytes(b"garbage" * 5000)
    store.update(lambda held: amended("2", put=["bbb"])(held) if held else whole("2", "aaa", "bbb")(held), embed)
    assert rows(store) == {"aaa", "bbb"}


@pytest.fixture
def damaged(tmp_path: Path) -> ChromaStore:
    """An index whose graph Chroma has written out, with a hole in it."""
    ChromaStore(tmp_path).update(whole("1", "aaa", *WORDS[:1200]), embed)
    (file,) = tmp_path.glob("index-*/*/data_level0.bin")
    with file.open("r+b") as graph:
        graph.seek(5000)
        graph.write(b"rubbish" * 100)
    return ChromaStore(tmp_path)


def test_a_damaged_graph_is_never_opened(damaged: ChromaStore) -> None:
    with pytest.raises(StoreError, match="not as they were written"):
        rows(damaged)
    assert damaged.generation() == ""
    damaged.update(whole("1", "aaa"), embed)
    assert rows(damaged) == {"aaa"}


def test_a_damaged_graph_is_not_amended_but_built_anew(damaged: ChromaStore) -> None:
    damaged.update(lambda held: amended("2", put=["bbb"])(held) if held else whole("2", "aaa", "bbb")(held), embed)
    assert rows(damaged) == {"aaa", "bbb"}


def test_a_graph_that_is_written_out_by_a_change_is_as_good_as_before(tmp_path: Path) -> None:
    ChromaStore(tmp_path).update(whole("0", "aaa"), embed)
    for start in range(0, len(WORDS), 600):
        ChromaStore(tmp_path).update(amended(str(start + 1), put=WORDS[start : start + 600]), embed)
        found = ChromaStore(tmp_path).search(Platform.LINUX, embed(["aaa"])[0], 1)
        assert [hit.row for hit in found] == ["aaa"]
    assert list(tmp_path.glob("index-*/*/index_metadata.pickle"))


def test_a_folder_that_cant_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be written"):
        ChromaStore(tmp_path / "file" / "index").update(whole("1", "aaa"), embed)


def test_searches_go_on_while_others_write(tmp_path: Path) -> None:
    writer, reader = ChromaStore(tmp_path), ChromaStore(tmp_path)
    writer.update(whole("0", "aaa"), embed)
    failures: list[Exception] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                assert "aaa" in rows(reader)
            except Exception as error:  # noqa: BLE001 - whatever a thread meets fails the test
                failures.append(error)
                return

    searchers = [threading.Thread(target=search) for _ in range(3)]
    for searcher in searchers:
        searcher.start()
    for number in range(1, 15):
        writer.update(amended(str(number), put=[f"b{number}"], drop=[f"b{number - 1}"]), embed)
    done.set()
    for searcher in searchers:
        searcher.join()
    assert failures == []
