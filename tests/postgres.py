"""A real PostgreSQL for tests: Debian's server, on a socket in a temporary folder, as a user without privileges.

A folder's conftest.py takes the fixtures in by their names.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=40 -c shared_buffers=16MB"


def _programs() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
    found = versions[-1] if versions else shutil.which("pg_ctl")
    return Path(found).parent if found else None


def _owner() -> str | None:
    """The user that the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(owner: str | None, *argv: str) -> None:
    subprocess.run(argv, user=owner, check=True, cwd="/", stdout=subprocess.DEVNULL, env={"LC_ALL": "C.UTF-8"})


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a running server that dies with the session."""
    programs = _programs()
    if programs is None:
        pytest.skip("postgresql is not installed")
    folder, owner = Path(tempfile.mkdtemp(prefix="itops-pg-", dir="/tmp")), _owner()
    if owner:
        shutil.chown(folder, user=owner)
    data, log = str(folder / "data"), str(folder / "log")
    try:
        _run(owner, f"{programs}/initdb", "-D", data, "-U", "itops", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' {QUICK}"
        _run(owner, f"{programs}/pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start")
        try:
            yield str(folder)
        finally:
            _run(owner, f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """SQLAlchemy's URL of an empty database of this test's own."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(host=postgres_server, user="itops", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://itops@/{name}?host={postgres_server}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once for each kind that itops works on."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/itops.db"
    return request.getfixturevalue("postgres_url")
