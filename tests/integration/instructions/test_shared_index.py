"""One library, one Chroma server, several processes: what one publishes, another finds."""

import subprocess
import sys
from pathlib import Path

from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction
from itops.domain.target import Platform
from itops.instructions.index.chroma_http import ChromaHttp
from itops.instructions.index.chroma_server import ChromaServerStore
from itops.instructions.index.embedding_cache import CachedEmbeddings
from itops.instructions.index.embedding_factory import create_embeddings
from itops.instructions.index.library_identity import library_identity
from itops.instructions.index.writer_lease import WriterLease
from itops.instructions.instruction_manager import InstructionManager
from itops.journal.sql_journal import SqlJournal
from itops.storage.database import Database, open_engine
from itops.storage.upgrade import upgrade
from itops.testing.chroma_process import ChromaProcess

ANN = Person(id="ann")
OTHER = """
import asyncio, runpy, sys
make = runpy.run_path(sys.argv[1])["manager"]

async def main():
    manager = make(sys.argv[2], sys.argv[3])
    for line in sys.stdin:
        found = await manager.find(line.strip(), platform=None)
        print(" ".join(one.instruction.id for one in found), flush=True)

asyncio.run(main())
"""


def manager(home: str, url: str) -> InstructionManager:
    engine = open_engine(f"sqlite:///{home}/itops.db")
    upgrade(engine)
    database = Database(engine)
    store = ChromaServerStore(
        ChromaHttp(url), library=lambda: library_identity(database), writing=WriterLease(database).held
    )
    embeddings = CachedEmbeddings(create_embeddings(""), Path(home) / "index" / "embeddings.db")
    return InstructionManager(database=database, store=store, embeddings=embeddings, journal=SqlJournal(database))


def instruction(name: str, title: str) -> Instruction:
    block = Block(kind="run", language="bash", text="uptime")
    return Instruction.model_validate({"id": name, "title": title, "platform": Platform.LINUX, "blocks": (block,)})


async def test_what_one_process_publishes_another_finds_at_once(tmp_path: Path) -> None:
    with ChromaProcess(tmp_path / "chroma") as server:
        mine = manager(str(tmp_path), server.url)
        await mine.add(instruction("host.uptime", "Show how long the host has been up"), by=ANN, publish=True)
        command = [sys.executable, "-c", OTHER, __file__, str(tmp_path), server.url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as other:

            def found(words: str) -> set[str]:
                other.stdin.write(f"{words}\n")
                return set(other.stdout.readline().split())

            assert found("since when is the machine up?") == {"host.uptime"}
            await mine.add(instruction("user.unlock", "Unlock a locked account"), by=ANN, publish=True)
            assert found("an account is locked") == {"host.uptime", "user.unlock"}
            await mine.remove("host.uptime", by=ANN)
            assert found("since when is the machine up? really") == {"user.unlock"}
            other.stdin.close()
