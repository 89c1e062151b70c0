"""The index on a server: seen by other clients at once, whole whatever breaks, back when the server is."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from itops.domain.target import Platform
from itops.errors import StoreError
from itops.instructions.index import chroma_server
from itops.instructions.index.chroma_http import ChromaHttp
from itops.instructions.index.chroma_server import ChromaServerStore
from itops.instructions.index.embeddings import Vectors
from itops.instructions.index.instruction_store import IndexChange
from itops.testing.chroma_process import ChromaProcess
from itops.testing.instruction_store_contract import amended, embed, rows, whole

Make = Callable[..., ChromaServerStore]


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    with ChromaProcess(tmp_path_factory.mktemp("chroma")) as server:
        yield server


@pytest.fixture
def library() -> str:
    return secrets.token_hex(6)


@pytest.fixture
def make(chroma: ChromaProcess, library: str) -> Make:
    """Stores of one library, as several processes have them."""
    lock = threading.Lock()

    def store(
        library: str = library, writing: Callable[[], AbstractContextManager[None]] = lambda: lock
    ) -> ChromaServerStore:
        return ChromaServerStore(ChromaHttp(chroma.url), library=lambda: library, writing=writing)

    return store


def builds(chroma: ChromaProcess, library: str) -> set[str]:
    names = ChromaHttp(chroma.url).names()
    return {name.rpartition("-")[2] for name in names if name.startswith(f"itops-{library}-")}


def test_another_client_sees_each_change_at_once(make: Make) -> None:
    writer, reader = make(), make()
    for number in range(4):
        writer.update(whole(str(number), "aaa", f"b{number}"), embed)
        writer.update(amended(f"{number}+", put=[f"c{number}"]), embed)
        assert rows(reader) == rows(writer) == {"aaa", f"b{number}", f"c{number}"}


def test_the_generation_is_seen_by_others_within_a_second(make: Make) -> None:
    writer, reader = make(), make()
    assert reader.generation() == ""
    writer.update(whole("1", "aaa"), embed)
    deadline = time.monotonic() + chroma_server._FRESH_SECONDS + 5
    while reader.generation() != "1":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_index_built_anew_replaces_the_old_and_leaves_nothing(
    make: Make, chroma: ChromaProcess, library: str
) -> None:
    store = make()
    store.update(whole("1", "aaa"), embed)
    before = builds(chroma, library)
    store.update(whole("2", "bbb"), embed)
    after = builds(chroma, library)
    assert len(before) == len(after) == 1
    assert before != after


def test_two_libraries_share_a_server(make: Make, chroma: ChromaProcess, library: str) -> None:
    one, other = make(), make(library=secrets.token_hex(6))
    one.update(whole("1", "aaa"), embed)
    other.update(whole("1", "bbb"), embed)
    other.update(whole("2", "ccc"), embed)
    assert (rows(one), rows(other)) == ({"aaa"}, {"ccc"})


def test_a_build_that_breaks_off_is_cleared_away_by_the_next(make: Make, chroma: ChromaProcess, library: str) -> None:
    def fail(texts: Sequence[str]) -> Vectors:
        if "ccc" in texts:
            raise StoreError("There is no model.")
        return embed(texts)

    store = make()
    store.update(whole("1", "aaa"), embed)
    change = IndexChange("2", {Platform.LINUX: {"bbb": "bbb"}, Platform.AWS: {"ccc": "ccc"}}, is_whole=True)
    with pytest.raises(StoreError, match="no model"):
        store.update(lambda _held: change, fail)
    assert rows(make()) == {"aaa"}
    assert make().generation() == "1"
    assert len(builds(chroma, library)) == 2
    store.update(amended("2", put=["ddd"]), embed)
    assert rows(make()) == {"aaa", "ddd"}
    assert len(builds(chroma, library)) == 1


@pytest.mark.parametrize("damage", ["a collection gone", "all gone", "an odd record", "another dimension"])
def test_a_broken_index_is_built_anew(make: Make, chroma: ChromaProcess, library: str, damage: str) -> None:
    def read(held: str) -> IndexChange:
        return IndexChange("1", {Platform.LINUX: {"aaa": "aaa", "bbb": "bbb"}}, is_whole=not held)

    make().update(read, embed)
    server = ChromaHttp(chroma.url)
    if damage == "an odd record":
        server.make(f"itops-{library}").modify(metadata={"other": 1})
    elif damage == "another dimension":
        (name,) = (name for name in server.names() if name.startswith(f"itops-{library}-linux"))
        server.delete(name)
        server.make(name).upsert(ids=["aaa"], embeddings=[[1.0, 0.0]])
    else:
        for name in server.names():
            if name.startswith(f"itops-{library}-linux" if damage == "a collection gone" else f"itops-{library}"):
                server.delete(name)
    store = make()
    if store.generation():
        with pytest.raises(StoreError, match=r"gone|can't be read"):
            rows(store)
    assert store.generation() == ""
    store.update(read, embed)
    assert rows(store) == {"aaa", "bbb"}
    assert len(builds(chroma, library)) == 1


def test_a_change_that_cant_be_made_in_place_builds_anew(make: Make) -> None:
    def read(held: str) -> IndexChange:
        linux = {"bbb": "bbb"} if held else {"aaa": "aaa", "bbb": "bbb"}
        return IndexChange("2", {Platform.LINUX: linux}, is_whole=not held)

    store = make()
    store.update(whole("1", "aaa"), lambda texts: [[1.0, 0.0] for _ in texts])
    store.update(read, embed)
    assert rows(store) == {"aaa", "bbb"}


@pytest.mark.parametrize(
    ("change", "words"), [(amended("2", put=["bbb"]), "Another process has changed"), (whole("2", "bbb"), "not exist")]
)
def test_a_writer_who_lost_its_right_does_not_count(
    make: Make, change: Callable[[str], IndexChange], words: str
) -> None:
    slow, quick = make(writing=nullcontext), make(writing=nullcontext)
    quick.update(whole("1", "aaa"), embed)

    def overtaken(texts: Sequence[str]) -> Vectors:
        quick.update(amended("3", put=["ccc"]), embed)
        return embed(texts)

    with pytest.raises(StoreError, match=words):
        slow.update(change, overtaken)
    assert quick.generation() == "3"
    assert {"aaa", "ccc"} <= rows(make())


def test_searches_go_on_while_others_write(make: Make) -> None:
    writer, reader = make(), make()
    writer.update(whole("0", "aaa"), embed)
    failures: list[Exception] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                assert "aaa" in rows(reader)
                assert reader.generation()
            except Exception as error:  # noqa: BLE001 - whatever a thread meets fails the test
                failures.append(error)
                return

    searchers = [threading.Thread(target=search) for _ in range(3)]
    for searcher in searchers:
        searcher.start()
    for number in range(1, 13):
        writer.update(whole(f"{number}", "aaa", f"b{number}"), embed)
        writer.update(amended(f"{number}+", put=[f"c{number}"], drop=[f"b{number}"]), embed)
    done.set()
    for searcher in searchers:
        searcher.join()
    assert failures == []


def test_it_works_again_when_the_server_is_back(tmp_path: Path) -> None:
    with ChromaProcess(tmp_path / "chroma") as server:
        store = ChromaServerStore(ChromaHttp(server.url), library=lambda: "one", writing=nullcontext)
        store.update(whole("1", "aaa"), embed)
        server.stop()
        with pytest.raises(StoreError, match="can't be reached"):
            rows(store)
        with pytest.raises(StoreError, match=r"can't be reached|broke"):
            store.update(amended("2", put=["bbb"]), embed)
        server.start()
        assert rows(store) == {"aaa"}
        assert store.generation() == "1"
        store.update(amended("2", put=["bbb"]), embed)
        assert rows(store) == {"aaa", "bbb"}


def test_a_server_that_dies_while_the_index_is_built_keeps_the_old(tmp_path: Path) -> None:
    with ChromaProcess(tmp_path / "chroma") as server:
        store = ChromaServerStore(ChromaHttp(server.url), library=lambda: "one", writing=nullcontext)
        store.update(whole("1", "aaa"), embed)

        def dies(texts: Sequence[str]) -> Vectors:
            server.stop()
            return embed(texts)

        with pytest.raises(StoreError, match=r"can't be reached|broke"):
            store.update(whole("2", "bbb"), dies)
        server.start()
        assert rows(store) == {"aaa"}
        store.update(whole("2", "bbb"), embed)
        assert rows(store) == {"bbb"}
        assert len(builds(server, "one")) == 1
