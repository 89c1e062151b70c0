"""Every search index keeps the same promises."""

from pathlib import Path

import pytest

from itops.instructions.chroma_client import ChromaStore
from itops.testing.instruction_store_contract import INSTRUCTION_STORE_PROMISES, Promise
from itops.testing.memory_instruction_store import MemoryInstructionStore

every_promise = pytest.mark.parametrize("promise", INSTRUCTION_STORE_PROMISES, ids=lambda promise: promise.__name__)


@every_promise
def test_in_memory(promise: Promise) -> None:
    promise(MemoryInstructionStore())


@every_promise
def test_in_chroma(promise: Promise, tmp_path: Path) -> None:
    promise(ChromaStore(tmp_path / "index"))
