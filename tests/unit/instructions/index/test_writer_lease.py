"""One writer at a time, across threads and processes; a dead one is no obstacle for long."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from itops.errors import StoreError
from itops.instructions import change_log
from itops.instructions.index.writer_lease import WriterLease
from itops.storage.database import Database

WRITER = """
import os, sys, time
from pathlib import Path
from itops.instructions.index.writer_lease import WriterLease
from itops.storage.database import Database, open_engine

lease = WriterLease(Database(open_engine(sys.argv[1])), poll_seconds=0.01)
shared = Path(sys.argv[2])
for turn in range(15):
    with lease.held():
        count = int(shared.read_text())
        time.sleep(0.01)
        shared.write_text(str(count + 1))
"""
HOLDER = """
import sys, time
from itops.instructions.index.writer_lease import WriterLease
from itops.storage.database import Database, open_engine

with WriterLease(Database(open_engine(sys.argv[1])), seconds=float(sys.argv[2])).held():
    print("held", flush=True)
    time.sleep(60)
"""


def value(database: Database) -> str:
    return database.run_here(lambda one: change_log.state_value(one, "index-writer"))


def test_it_is_held_and_given_back(database: Database) -> None:
    lease = WriterLease(database)
    for _ in range(3):
        with lease.held():
            assert value(database)
        assert value(database) == ""


def test_it_is_given_back_by_a_block_that_fails(database: Database) -> None:
    with pytest.raises(ValueError, match="odd"), WriterLease(database).held():
        raise ValueError("odd")
    assert value(database) == ""


def test_two_processes_take_turns(database: Database, tmp_path: Path) -> None:
    shared = tmp_path / "count"
    shared.write_text("0")
    url = str(database.engine.url)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, url, str(shared)]) for _ in range(2)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert shared.read_text() == "30"


def test_threads_take_turns(database: Database) -> None:
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(5):
            with WriterLease(database, poll_seconds=0.01).held():
                inside += 1
                most = max(most, inside)
                time.sleep(0.005)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_holder_who_lives_is_waited_for(database: Database) -> None:
    with (
        WriterLease(database, seconds=0.3).held(),
        pytest.raises(StoreError, match="has been writing") as refusal,
        WriterLease(database, seconds=0.3, wait_seconds=1.5).held(),
    ):
        pytest.fail("it was held by another")
    assert refusal.value.mend


def test_a_holder_who_died_is_waited_for_no_longer_than_its_time(database: Database) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database.engine.url), "1"], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert value(database), "it died with it"
    began = time.monotonic()
    with WriterLease(database, seconds=1, wait_seconds=30).held():
        assert time.monotonic() - began > 0.5


def test_one_that_ran_out_long_ago_is_not_waited_for(database: Database) -> None:
    database.run_here(lambda one: change_log.put_state(one, "index-writer", f"dead {time.time() - 3600:.6f}"))
    with WriterLease(database, seconds=600, wait_seconds=0).held():
        assert not value(database).startswith("dead")


def test_a_clock_that_is_ahead_does_not_keep_it_for_ever(database: Database) -> None:
    database.run_here(lambda one: change_log.put_state(one, "index-writer", f"odd {time.time() + 1e6:.6f}"))
    with WriterLease(database, seconds=0.3, wait_seconds=30).held():
        assert not value(database).startswith("odd")


def test_who_lost_it_leaves_the_new_holder_alone(database: Database) -> None:
    with WriterLease(database, seconds=0.15).held():
        database.run_here(lambda one: change_log.put_state(one, "index-writer", f"other {time.time() + 600:.6f}"))
        time.sleep(0.3)
    assert value(database).startswith("other")
