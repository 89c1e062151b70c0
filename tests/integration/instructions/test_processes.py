"""Several processes on one library: each sees what the others change, and two writers at once harm nothing."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

PROGRAM = """
import asyncio, sys
from pathlib import Path
from itops.domain.identity import Person
from itops.domain.target import Platform
from itops.errors import UsageError
from itops.instructions.index.chroma_client import ChromaStore
from itops.instructions.instruction_manager import InstructionManager
from itops.instructions.runbooks.runbook_loader import parse
from itops.journal.sql_journal import SqlJournal
from itops.storage import tables
from itops.storage.database import Database, open_engine
from itops.testing.instruction_store_contract import embed

class Letters:
    name = "letters"
    embed = staticmethod(embed)

    def embed_request(self, words, values):
        return embed([words])[0]

home = Path(sys.argv[1])
engine = open_engine(f"sqlite:///{home}/itops.db")
tables.metadata.create_all(engine)
database = Database(engine)
manager = InstructionManager(
    database=database, store=ChromaStore(home / "index"), embeddings=Letters(), journal=SqlJournal(database)
)

async def add(name):
    text = f"---\\nid: {name}\\ntitle: {name}\\nplatform: linux\\n---\\n"
    await manager.add(parse(text, origin="here"), by=Person(id="ann"), publish=True)

async def find():
    found = await manager.find("abc", platform=Platform.LINUX, top=100)
    return sorted(one.instruction.id for one in found)
"""


def start(home: Path, script: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM + script, str(home), *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run(home: Path, script: str) -> str:
    output, _ = start(home, script).communicate(timeout=120)
    return output.strip()


READER = """
async def main():
    for _ in sys.stdin:
        print(",".join(await find()), flush=True)
asyncio.run(main())
"""


def test_a_reader_that_goes_on_sees_each_change(tmp_path: Path) -> None:
    run(tmp_path, "asyncio.run(add('a'))")
    with start(tmp_path, READER) as reader:
        assert reader.stdin
        assert reader.stdout

        def seen() -> str:
            reader.stdin.write("\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip()

        assert seen() == "a"
        run(tmp_path, "asyncio.run(add('b'))")
        assert seen() == "a,b"
        run(tmp_path, "asyncio.run(manager.remove('a', by=Person(id='ann')))")
        assert seen() == "b"
        reader.stdin.close()
        assert reader.wait(60) == 0


def test_writers_at_once_harm_nothing(tmp_path: Path) -> None:
    run(tmp_path, "")
    script = """
async def main():
    for number in range(8):
        await add(f"{sys.stdin.readline().strip()}{number}")
asyncio.run(main())
"""
    writers = [start(tmp_path, script) for _ in range(3)]
    for writer, name in zip(writers, "abc", strict=True):
        assert writer.stdin
        writer.stdin.write(f"{name}\n" * 8)
        writer.stdin.close()
        writer.stdin = None
    for writer in writers:
        writer.communicate(timeout=240)
        assert writer.returncode == 0
    expected = ",".join(f"{name}{number}" for name in "abc" for number in range(8))
    assert run(tmp_path, "print(','.join(asyncio.run(find())))") == expected


def test_a_writer_killed_before_the_index_is_brought_up_loses_nothing(tmp_path: Path) -> None:
    script = """
import os
manager._search.refresh = lambda: os.kill(os.getpid(), 9)
asyncio.run(add('a'))
"""
    run(tmp_path, script)
    assert run(tmp_path, "print(','.join(asyncio.run(find())))") == "a"


MANY = """
from itops.instructions import library_sync, records

async def main():
    name = sys.argv[2]
    text = "---\\nid: {}\\ntitle: {}\\nplatform: linux\\n---\\n"
    ids = [f"{name}.{number}" for number in range(300)] + ["both"]
    mine = [parse(text.format(one, name), origin="here") for one in ids]
    standing = await database.read(records.standing)
    plan = library_sync.plan_sync(mine, standing, publish=True)
    print("decided", flush=True)
    sys.stdin.readline()
    try:
        await manager._commit(plan.changes, Person(id=name))
        print("made", flush=True)
    except UsageError:
        print("refused", flush=True)
asyncio.run(main())
"""


def test_of_two_bulk_changes_in_conflict_one_is_made_and_only_that_one_is_told(tmp_path: Path) -> None:
    run(tmp_path, "")
    processes = {name: start(tmp_path, MANY, name) for name in ("one", "two")}
    for process in processes.values():
        assert process.stdout
        assert process.stdout.readline() == "decided\n"
    said = {name: process.communicate("go\n", timeout=120)[0].strip() for name, process in processes.items()}
    assert sorted(said.values()) == ["made", "refused"]
    winner = next(name for name, word in said.items() if word == "made")
    with closing(sqlite3.connect(tmp_path / "itops.db")) as database:
        bodies = [json.loads(body) for (body,) in database.execute("SELECT body FROM events")]
        standing = {one for (one,) in database.execute("SELECT id FROM instructions")}
    assert {body["by"]["id"] for body in bodies} == {winner}
    assert {body["id"] for body in bodies if body["change"] == "added"} == standing
    assert len(standing) == 301
