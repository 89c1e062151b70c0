"""The index in Chroma: seen by other clients, healed when it breaks, written by one at a time."""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions.chroma_client import ChromaStore
from itops.instructions.embeddings import Vectors
from itops.instructions.instruction_store import IndexContent
from itops.testing.instruction_store_contract import content, embed


def rows(store: ChromaStore) -> set[str]:
    return {hit.row for hit in store.search(Platform.LINUX, embed(["aaa"])[0], 50)}


def test_another_client_sees_each_update(tmp_path: Path) -> None:
    writer, reader = ChromaStore(tmp_path), ChromaStore(tmp_path)
    for number in range(5):
        writer.update(lambda number=number: content(str(number), "aaa", f"b{number}"), embed)
        assert rows(reader) == rows(writer) == {"aaa", f"b{number}"}


def test_the_same_generation_is_not_written_again(tmp_path: Path) -> None:
    store = ChromaStore(tmp_path)
    store.update(lambda: content("1", "aaa"), embed)
    store.update(lambda: content("1", "bbb"), embed)
    assert rows(store) == {"aaa"}


@pytest.mark.parametrize("damage", ["garbage", "truncated", "gone", "unreadable state"])
def test_a_broken_index_is_built_anew(tmp_path: Path, damage: str) -> None:
    ChromaStore(tmp_path).update(lambda: content("1", "aaa", "bbb"), embed)
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
    store.update(lambda: content("1", "aaa", "bbb"), embed)
    assert rows(store) == {"aaa", "bbb"}
    assert len(list(tmp_path.glob("index-*"))) == 1


def test_an_update_mends_what_it_cant_read(tmp_path: Path) -> None:
    store = ChromaStore(tmp_path)
    store.update(lambda: content("1", "aaa"), embed)
    (file,) = tmp_path.glob("index-*/chroma.sqlite3")
    file.write_bytes(b"garbage" * 5000)
    store.update(lambda: content("2", "aaa", "bbb"), embed)
    assert rows(store) == {"aaa", "bbb"}


def test_vectors_of_another_model_replace_the_old(tmp_path: Path) -> None:
    store = ChromaStore(tmp_path)
    store.update(lambda: content("1", "aaa"), lambda texts: [[1.0, 0.0] for _ in texts])
    store.update(lambda: content("2", "aaa", "bbb"), embed)
    assert rows(store) == {"aaa", "bbb"}


def test_a_model_that_fails_leaves_the_old_index_whole(tmp_path: Path) -> None:
    def fail(_: Sequence[str]) -> Vectors:
        raise StoreError("No model.")

    store = ChromaStore(tmp_path)
    store.update(lambda: content("1", "aaa"), embed)
    with pytest.raises(StoreError, match="No model"):
        store.update(lambda: content("2", "aaa", "bbb"), fail)
    assert rows(ChromaStore(tmp_path)) == {"aaa"}


def test_a_folder_that_cant_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be written"):
        ChromaStore(tmp_path / "file" / "index").update(lambda: content("1", "aaa"), embed)


def test_searches_go_on_while_others_write(tmp_path: Path) -> None:
    writer, reader = ChromaStore(tmp_path), ChromaStore(tmp_path)
    writer.update(lambda: content("0", "aaa"), embed)
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
        state = IndexContent(str(number), {Platform.LINUX: {"aaa": "aaa", f"b{number}": "b"}})
        writer.update(lambda state=state: state, embed)
    done.set()
    for searcher in searchers:
        searcher.join()
    assert failures == []
