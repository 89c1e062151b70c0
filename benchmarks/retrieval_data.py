"""The retrieval data as instructions of ours, and libraries made of them."""

import gzip
import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, Language
from itops.domain.target import Platform
from itops.instructions.index.chroma_client import ChromaStore
from itops.instructions.index.embeddings import Embeddings, MiniLmEmbeddings
from itops.instructions.instruction_manager import InstructionManager
from itops.journal.sql_journal import SqlJournal
from itops.storage.database import Database, open_engine
from itops.storage.upgrade import upgrade

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("ITOPS_SHARED_DATA", HERE.parent.parent / "shared" / "data")) / "retrieval"
CASES = HERE.parent / "tests" / "cases"
PLATFORMS = {
    "common": Platform.ANY,
    "linux": Platform.LINUX,
    "windows": Platform.WINDOWS,
    "aws": Platform.AWS,
}
LANGUAGES: dict[str, Language] = {"aws": "aws", "windows": "powershell"}
SEARCHED = {"linux": {"linux", "common"}, "windows": {"windows", "common"}, "aws": {"aws"}}


@dataclass(frozen=True)
class Row:
    id: str
    title: str
    platform: str
    description: str
    about: str
    command: str

    def instruction(self) -> Instruction:
        return Instruction(
            id=self.id,
            title=self.title,
            platform=PLATFORMS[self.platform],
            prose=f"{self.description}\n\n{self.about}",
            blocks=(Block(kind="run", language=LANGUAGES.get(self.platform, "bash"), text=self.command),),
        )

    @property
    def words(self) -> str:
        return f"{self.title}. {self.description}"


@dataclass(frozen=True)
class Query:
    words: str
    platform: str
    relevant: frozenset[str]


def load_rows() -> list[Row]:
    with gzip.open(DATA / "instructions.jsonl.gz", "rt", encoding="utf-8") as file:
        return [Row(**{name: row[name] for name in Row.__dataclass_fields__}) for row in map(json.loads, file)]


def load_queries() -> list[Query]:
    lines = (DATA / "queries_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, lines)
    return [Query(row["query"], row["platform"], frozenset(row["relevant"])) for row in rows]


def host_tools() -> frozenset[str]:
    return frozenset((DATA / "host_tools.txt").read_text(encoding="utf-8").split())


def outside() -> list[str]:
    return [row["words"] for row in yaml.safe_load((CASES / "requests" / "outside.yaml").read_text(encoding="utf-8"))]


def inside() -> list[str]:
    rows = yaml.safe_load((CASES / "requests" / "linux.yaml").read_text(encoding="utf-8"))
    return [row["words"] for row in rows if "instruction" in row]


def grown(rows: Sequence[Row], size: int) -> list[Row]:
    """The rows and made-up variants of them: another tool, and two words out of another row's description."""
    chance = random.Random(11)
    made = list(rows)
    while len(made) < size:
        row, other = chance.choice(rows), chance.choice(rows)
        tool = f"{row.title.split()[0]}-{chance.choice('abcdefghijklmnopqrstuvwxyz')}{len(made) % 97}"
        words, foreign = row.description.split(), other.description.split()
        for _ in range(2):
            words[chance.randrange(len(words))] = chance.choice(foreign)
        command = f"{tool} {row.command.partition(' ')[2]}"
        made.append(Row(f"noise/{len(made)}", tool, row.platform, " ".join(words), other.about, command))
    return made[: max(size, len(rows))]


def open_library(
    home: Path, embeddings: Embeddings | None = None, threshold: float | None = None
) -> InstructionManager:
    home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(f"sqlite:///{home}/itops.db")
    upgrade(engine)
    database = Database(engine)
    return InstructionManager(
        database=database,
        store=ChromaStore(home / "index"),
        embeddings=embeddings or MiniLmEmbeddings(),
        journal=SqlJournal(database),
        threshold=threshold,
    )


async def fill(library: InstructionManager, rows: Sequence[Row]) -> None:
    """All rows, published, by the same way as an import."""
    await library.take([row.instruction() for row in rows], by=Person(id="benchmark"), publish=True)
