"""Every search index keeps the same promises."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.instructions.index.chroma_client import ChromaStore
from itops.instructions.index.chroma_http import ChromaHttp
from itops.instructions.index.chroma_server import ChromaServerStore
from itops.instructions.index.writer_lease import WriterLease
from itops.storage.database import Database
from itops.testing.chroma_process import ChromaProcess
from itops.testing.instruction_store_contract import INSTRUCTION_STORE_PROMISES, Promise
from itops.testing.memory_instruction_store import MemoryInstructionStore

every_promise = pytest.mark.parametrize("promise", INSTRUCTION_STORE_PROMISES, ids=lambda promise: promise.__name__)


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    with ChromaProcess(tmp_path_factory.mktemp("chroma")) as server:
        yield server


@every_promise
def test_in_memory(promise: Promise) -> None:
    promise(MemoryInstructionStore())


@every_promise
def test_in_chroma(promise: Promise, tmp_path: Path) -> None:
    promise(ChromaStore(tmp_path / "index"))


@every_promise
def test_on_a_chroma_server(promise: Promise, chroma: ChromaProcess, database: Database) -> None:
    library = secrets.token_hex(6)
    promise(
        ChromaServerStore(ChromaHttp(chroma.url), library=lambda: library, writing=WriterLease(database).held),
    )
