"""The databases that every contract is kept on."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from itops.storage.database import Database, open_engine
from itops.storage.upgrade import upgrade

_spec = importlib.util.spec_from_file_location("postgres", Path(__file__).parents[1] / "postgres.py")
_postgres = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_postgres)
postgres_server, postgres_url, url = _postgres.postgres_server, _postgres.postgres_url, _postgres.url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def database(engine: Engine) -> Database:
    upgrade(engine)
    return Database(engine)
