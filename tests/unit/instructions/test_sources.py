"""What a sync remembers of a folder's files."""

from itops.instructions.runbooks.runbook_loader import SeenFile
from itops.instructions.sources import keep_seen, seen_in
from itops.storage.database import Database

ONE, TWO, EDITED = SeenFile("a.md", "1", "a", "v1"), SeenFile("b.md", "1", "b", "v1"), SeenFile("a.md", "2", "a", "v2")


def keep(database: Database, folder: str, *files: SeenFile) -> dict[str, SeenFile]:
    before = database.run_here(lambda one: seen_in(one, folder))
    database.run_here(lambda one: keep_seen(one, folder, before, files))
    return database.run_here(lambda one: seen_in(one, folder))


def test_files_are_remembered_by_folder(database: Database) -> None:
    assert keep(database, "/x", ONE, TWO) == {"a.md": ONE, "b.md": TWO}
    assert keep(database, "/y", EDITED) == {"a.md": EDITED}
    assert database.run_here(lambda one: seen_in(one, "/x")) == {"a.md": ONE, "b.md": TWO}


def test_what_changed_replaces_what_was(database: Database) -> None:
    keep(database, "/x", ONE, TWO)
    assert keep(database, "/x", EDITED) == {"a.md": EDITED}
    assert keep(database, "/x") == {}
