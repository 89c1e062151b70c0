"""Refusals; what the migrations build is compared in tests/contract/test_migrations.py."""

from pathlib import Path

import pytest
from sqlalchemy import inspect

from itops.errors import StoreError
from itops.storage.database import open_engine
from itops.storage.tables import metadata
from itops.storage.upgrade import HEAD, MIGRATIONS, current_version, upgrade


def test_a_new_database_gets_every_table(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/itops.db")
    upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    assert current_version(engine) == HEAD


def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "itops.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match="not a database"):
        upgrade(open_engine(f"sqlite:///{tmp_path}/itops.db"))
    assert (tmp_path / "itops.db").read_bytes() == b"rubbish" * 1000


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/itops.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE instruction_versions (stray INTEGER)")
    with pytest.raises(StoreError, match="already exists"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["instruction_versions"]


def test_a_server_that_is_not_there_is_refused() -> None:
    with pytest.raises(StoreError, match="refused"):
        upgrade(open_engine("postgresql+psycopg://itops@127.0.0.1:1/itops"))


def test_the_migrations_ship_with_the_package() -> None:
    assert (MIGRATIONS / "env.py").is_file()
