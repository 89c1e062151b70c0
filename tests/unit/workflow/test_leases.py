import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from itops.storage.database import Database, open_engine
from itops.storage.tables import leases
from itops.storage.upgrade import upgrade
from itops.workflow.leases import Leases, boot_id, lock_takeover, started_at


@pytest.fixture
def database(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/itops.db")
    upgrade(engine)
    yield Database(engine)
    engine.dispose()


def living(database: Database) -> set[str]:
    return database.run_here(Leases(database, "me", seconds=15).living)


def lease(database: Database, *, pid: int, boot: str = "", started: str | None = None, left: float = 60.0) -> None:
    row = {
        "executor": "other",
        "boot": boot or boot_id(),
        "pid": pid,
        "started": started_at(pid) if started is None else started,
        "expires_at": time.time() + left,
    }
    database.run_here(lambda connection: connection.execute(insert(leases).values(row)))


def rows(database: Database) -> list[str]:
    return database.run_here(lambda connection: list(connection.scalars(select(leases.c.executor))))


def test_this_process_lives_from_take_to_give_back(database):
    mine = Leases(database, "me", seconds=15)
    mine.take()
    assert living(database) == {"me"}
    mine.give_back()
    assert living(database) == set()


def test_a_living_process_lives_though_its_lease_was_not_renewed(database):
    lease(database, pid=os.getpid(), left=-60)
    assert living(database) == {"other"}


def test_a_dead_process_is_seen_at_once_and_its_lease_swept(database):
    process = subprocess.Popen(["sleep", "60"])
    lease(database, pid=process.pid)
    assert living(database) == {"other"}
    process.kill()
    process.wait()
    assert living(database) == set()
    assert rows(database) == []


def test_a_zombie_is_dead(database):
    process = subprocess.Popen(["sleep", "60"])
    try:
        lease(database, pid=process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert living(database) == set()
    finally:
        process.wait()


def test_a_stopped_process_is_not_taken_for_dead(database):
    process = subprocess.Popen(["sleep", "60"])
    try:
        lease(database, pid=process.pid, left=-60)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert living(database) == {"other"}
    finally:
        process.kill()
        process.wait()


def test_another_process_under_the_same_number_is_not_the_one_that_took_the_lease(database):
    lease(database, pid=os.getpid(), started="1")
    assert living(database) == set()


@pytest.mark.parametrize(("left", "lives"), [(60.0, {"other"}), (-1.0, set())])
def test_on_another_boot_or_in_another_container_the_time_decides(database, left, lives):
    lease(database, pid=os.getpid(), boot="elsewhere", left=left)
    assert living(database) == lives


def test_renewing_prolongs_the_own_lease_alone(database):
    lease(database, pid=1, boot="elsewhere", left=-1)
    mine = Leases(database, "me", seconds=0)
    mine.take()
    Leases(database, "me", seconds=1000).renew()
    expiry = select(leases.c.expires_at).where(leases.c.executor == "me")
    assert database.run_here(lambda connection: connection.execute(expiry).scalar()) > time.time() + 900
    assert living(database) == {"me"}


def test_processes_of_other_namespaces_have_another_boot_id():
    assert str(Path("/proc/self/ns/pid").readlink()) in boot_id()


def test_only_one_at_a_time_takes_over(database):
    begun = []

    def take_over(name: str, connection) -> None:
        lock_takeover(connection)
        if name == "first":
            other.start()
            other.join(0.2)
        begun.append(name)

    other = threading.Thread(target=lambda: database.run_here(lambda connection: take_over("second", connection)))
    database.run_here(lambda connection: take_over("first", connection))
    other.join(30)
    assert begun == ["first", "second"]
