"""Real processes on one journal: writing at once, and killed in the middle."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from itops.journal.anchor import Anchor
from itops.journal.sql_journal import SqlJournal
from itops.journal.verify import verify
from itops.storage.database import Database, open_engine
from itops.storage.upgrade import upgrade

KILLS = 12
WRITER = """
import asyncio, sys
from itops.journal.anchor import Anchor
from itops.journal.sql_journal import SqlJournal
from itops.storage.database import Database, open_engine
from itops.testing.journal_contract import ended, submitted
from pathlib import Path

async def write(url, folder, name, count):
    journal = SqlJournal(Database(open_engine(url)), anchor=Anchor(folder / "anchors", folder / "key"))
    for number in range(count):
        record = await journal.append(submitted(f"{name}-{number}"))
        await journal.append(ended("shared", str(number)))
        print(record.seq, flush=True)

asyncio.run(write(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
"""


def start(url: str, folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", WRITER, url, str(folder), name, str(count)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def test_two_writers_keep_one_chain(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    upgrade(engine)
    writers = [start(url, tmp_path, name, 40) for name in ("a", "b")]
    for writer in writers:
        assert writer.wait(120) == 0, writer.stderr.read()
    database = Database(engine)
    found = await verify(database, anchor=Anchor(tmp_path / "anchors", tmp_path / "key"))
    assert (found.ok, found.checked, found.anchors) == (True, 120, 160)
    records = await SqlJournal(database).read()
    assert sorted(int(record.event.key) for record in records if record.event.task == "shared") == list(range(40))
    engine.dispose()


async def test_a_killed_writer_leaves_a_whole_journal(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    upgrade(engine)
    database, anchor = Database(engine), Anchor(tmp_path / "anchors", tmp_path / "key")
    promised: list[int] = []
    for number in range(KILLS):
        writer = start(url, tmp_path, f"w{number}", 100_000)
        promised.append(int(writer.stdout.readline()))
        time.sleep(random.uniform(0, 0.1))
        os.kill(writer.pid, signal.SIGKILL)
        promised.extend(int(line) for line in writer.communicate()[0].splitlines())
        found = await verify(database, anchor=anchor)
        assert found.ok, found.problem
        assert found.checked >= promised[-1]
    records = await SqlJournal(database).read(limit=1_000_000)
    assert set(promised) <= {record.seq for record in records if record.event.kind == "task.submitted"}
    engine.dispose()
