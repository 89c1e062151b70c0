"""What tells two libraries apart: drawn once, for good."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from itops.instructions.index.library_identity import library_identity
from itops.storage import tables
from itops.storage.database import Database, open_engine


def test_it_is_drawn_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        (identity,) = set(pool.map(lambda _: library_identity(database), range(16)))
    assert identity
    assert library_identity(Database(open_engine(str(database.engine.url)))) == identity


def test_two_libraries_differ(database: Database, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/other.db")
    tables.metadata.create_all(engine)
    assert library_identity(Database(engine)) != library_identity(database)
