"""The index in Chroma: seen by other clients, healed when it breaks, written by one at a time."""

import shutil
import threading
from pathlib import Path

import pytest

from itops.errors import StoreError
from itops.instructions.index.chroma_client import ChromaStore
from itops.testing.instruction_store_contract import amended, embed, rows, whole


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
