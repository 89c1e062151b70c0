"""Brings a database's tables to what this version of itops expects."""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from itops.errors import StoreError

HEAD: Final = "0003"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x6974_6F70


def upgrade(engine: Engine) -> None:
    """Migrate to ``HEAD``; already there, it costs one query. Any number of processes may call it at once.

    Raises:
        StoreError: the database refuses, or a newer itops made it. Its tables are as they were.
    """
    try:
        if current_version(engine) != HEAD:
            _migrate(engine)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise StoreError(
            f"The database's tables can't be prepared: {str(cause).strip()}.",
            mend="Check that the database can be reached and written, and that its file is a database.",
        ) from error


def current_version(engine: Engine) -> str:
    """The migration that the database stands at; empty where none was ever run."""
    with engine.connect() as connection:
        try:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
        except (OperationalError, ProgrammingError):
            return ""


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.util import CommandError

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        try:
            command.upgrade(alembic_config(connection), HEAD)
        except CommandError as error:
            raise StoreError(
                f"The database was made by another itops: {error}.",
                mend="Use the newer itops that made it, or another ITOPS_DATABASE_URL.",
            ) from error


def alembic_config(connection: Connection):  # type: ignore[no-untyped-def]  # noqa: ANN201 - importing it costs start-up
    """What Alembic's commands need to work over this connection."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
