"""A small journal on disk, with its anchors."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text, update

from itops.journal.anchor import Anchor
from itops.journal.sql_journal import SqlJournal
from itops.journal.verify import Verification, verify
from itops.storage.database import Database, open_engine
from itops.storage.tables import events
from itops.storage.upgrade import upgrade
from itops.testing.journal_contract import ended, submitted


@dataclass
class Books:
    """A journal, and a hand that reaches past it into the database."""

    database: Database
    folder: Path

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.folder / "anchors", self.folder / "key")

    @property
    def journal(self) -> SqlJournal:
        return SqlJournal(self.database, anchor=self.anchor)

    async def fill(self, tasks: int) -> None:
        for number in range(tasks):
            await self.journal.append(submitted(f"t{number}", "look — ünïcode"))
            await self.journal.append(ended(f"t{number}", "end"))

    def tamper(self, statement: str, **values: object) -> None:
        self.database.run_here(lambda connection: connection.execute(text(statement), values))

    def change(self, seq: int, **values: str) -> None:
        query = update(events).where(events.c.seq == seq).values(**values)
        self.database.run_here(lambda connection: connection.execute(query))

    async def verify(self) -> Verification:
        return await verify(self.database, anchor=self.anchor)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    engine = open_engine(f"sqlite:///{tmp_path}/itops.db")
    upgrade(engine)
    yield Books(Database(engine), tmp_path)
    engine.dispose()
