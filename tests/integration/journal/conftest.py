"""The databases that a journal is tried on."""

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location("postgres", Path(__file__).parents[2] / "postgres.py")
_postgres = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_postgres)
postgres_server, postgres_url, url = _postgres.postgres_server, _postgres.postgres_url, _postgres.url
