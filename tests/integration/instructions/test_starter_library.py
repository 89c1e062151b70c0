"""The starter library, through the real embedding, index and journal: found where it should be, honest where not."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.domain.target import Platform
from itops.instructions.index.chroma_client import ChromaStore
from itops.instructions.index.embeddings import MiniLmEmbeddings
from itops.instructions.instruction_manager import InstructionManager, library_dir
from itops.journal.sql_journal import SqlJournal
from itops.storage import tables
from itops.storage.database import Database, open_engine

CASES = Path(__file__).parents[2] / "cases"


def cases(name: str) -> Any:
    return yaml.safe_load((CASES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> InstructionManager:
    home = tmp_path_factory.mktemp("home")
    engine = open_engine(f"sqlite:///{home}/itops.db")
    tables.metadata.create_all(engine)
    database = Database(engine)
    manager = InstructionManager(
        database=database,
        store=ChromaStore(home / "index"),
        embeddings=MiniLmEmbeddings(),
        journal=SqlJournal(database),
    )
    asyncio.run(manager.ensure_library(library_dir()))
    return manager


async def test_the_sentence_of_the_first_run_is_found(manager: InstructionManager) -> None:
    found = await manager.find("Which directories under /var use the most space?", platform=Platform.LINUX)
    assert found[0].instruction.id == "linux.disk.directory-usage"
    assert found[0].confident


@pytest.mark.parametrize("words", ["order me a pizza", "write a poem", "book a flight to Paris"])
async def test_no_instruction_is_no_instruction(manager: InstructionManager, words: str) -> None:
    found = await manager.find(words, platform=Platform.LINUX, top=3)
    assert [one.confident for one in found] == [False] * 3


async def test_requests_find_their_instruction(manager: InstructionManager) -> None:
    wanted = cases("instructions/inside.yaml")
    wanted |= {row["words"]: row["instruction"] for row in cases("requests/linux.yaml") if "instruction" in row}
    first = fifth = refused = 0
    for words, instruction in wanted.items():
        found = await manager.find(words, platform=Platform.LINUX)
        first += found[0].instruction.id == instruction
        fifth += instruction in [one.instruction.id for one in found]
        refused += not found[0].confident
    assert first / len(wanted) >= 0.8
    assert fifth / len(wanted) >= 0.95
    assert refused / len(wanted) <= 0.12


async def test_requests_outside_of_it_are_refused(manager: InstructionManager) -> None:
    words = [str(each) for each in cases("instructions/outside.yaml")]
    words += [row["words"] for row in cases("requests/outside.yaml")]
    found = [(await manager.find(each, platform=Platform.LINUX))[0] for each in words]
    assert sum(one.confident for one in found) / len(words) <= 0.1


async def test_what_a_person_says_word_for_word_is_found(manager: InstructionManager) -> None:
    for one in await manager.list():
        for phrase in one.phrases:
            found = await manager.find(phrase, platform=one.platform, top=3)
            assert one.id in [each.instruction.id for each in found], phrase
            assert found[0].confident, phrase
