"""A library on a database of its own, with a fake index and letters for meaning."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction
from itops.domain.target import Platform
from itops.instructions.index.embeddings import Span, Vectors, embed_twice
from itops.instructions.instruction_manager import InstructionManager
from itops.storage import tables
from itops.storage.database import Database, open_engine
from itops.testing.instruction_store_contract import embed
from itops.testing.memory_instruction_store import MemoryInstructionStore
from itops.testing.memory_journal import MemoryJournal

Make = Callable[..., Instruction]


class Letters:
    name = "letters"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return embed(texts)

    def embed_request(self, words: str, values: Sequence[Span]) -> list[float]:
        return embed_twice(self.embed, words, values)


@pytest.fixture
def ann() -> Person:
    return Person(id="ann")


@pytest.fixture
def make() -> Make:
    def instruction(name: str, title: str = "", run: str = "uptime", **more: object) -> Instruction:
        blocks = (Block(kind="run", language="bash", text=run),) if run else ()
        fields = {"id": name, "title": title or name, "platform": Platform.LINUX, "blocks": blocks, **more}
        return Instruction.model_validate(fields)

    return instruction


@pytest.fixture
def database(tmp_path: Path) -> Database:
    engine = open_engine(f"sqlite:///{tmp_path}/itops.db")
    tables.metadata.create_all(engine)
    return Database(engine)


@pytest.fixture
def store() -> MemoryInstructionStore:
    return MemoryInstructionStore()


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def journal(database: Database) -> MemoryJournal:
    return MemoryJournal(transaction=database.run)


@pytest.fixture
def manager(
    database: Database, store: MemoryInstructionStore, letters: Letters, journal: MemoryJournal
) -> InstructionManager:
    return InstructionManager(database=database, store=store, embeddings=letters, journal=journal)
