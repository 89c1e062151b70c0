"""The migrations build exactly the tables that the code speaks of, on every kind of database, up and down."""

import subprocess
import sys
import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from itops.errors import StoreError
from itops.storage.tables import metadata
from itops.storage.upgrade import HEAD, alembic_config, current_version, upgrade


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, metadata)


def test_they_build_exactly_the_tables(engine: Engine) -> None:
    upgrade(engine)
    assert differences(engine) == []


def test_the_comparison_sees_a_difference(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_events_kind"))
        connection.execute(text("ALTER TABLE leases ADD COLUMN stray INTEGER"))
    assert len(differences(engine)) == 2


def test_they_go_down_to_nothing_and_up_again(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    assert differences(engine) == []


def test_head_is_the_last_migration(engine: Engine) -> None:
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == HEAD


def test_again_changes_nothing(engine: Engine) -> None:
    assert current_version(engine) == ""
    upgrade(engine)
    assert current_version(engine) == HEAD
    upgrade(engine)
    assert differences(engine) == []


def test_a_database_of_a_newer_itops_is_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="made by another itops"):
        upgrade(engine)
    assert current_version(engine) == "9999"


def test_two_processes_may_do_it_at_once(url: str, engine: Engine) -> None:
    program = f"""
from itops.storage.database import open_engine
from itops.storage.upgrade import upgrade
import alembic.command, sys
sys.stdin.readline()
upgrade(open_engine({url!r}))
"""
    workers = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    threads = [threading.Thread(target=worker.communicate, args=("go\n",)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert differences(engine) == []


def test_at_head_alembic_is_not_imported(url: str, engine: Engine) -> None:
    upgrade(engine)
    program = f"""
import sys
from itops.storage.database import open_engine
from itops.storage.upgrade import upgrade
upgrade(open_engine({url!r}))
assert "alembic" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
