import os
from pathlib import Path

import pytest

from itops.errors import InvalidInstruction, UsageError
from itops.instructions.importers import import_folder
from itops.instructions.importers.import_folder import DOCUMENT_LIMIT, TEXT_LIMIT, files, open_source

MARKDOWN = frozenset({".md"})


def test_files_of_a_folder_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a/c.MD", "a/x.txt", ".git/d.md", "a/.e.md", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [path.relative_to(tmp_path).as_posix() for path in files(tmp_path, MARKDOWN)]
    assert found == ["README.md", "b.md", "a/c.MD"]


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "runbook").write_text("x")
    assert list(files(tmp_path / "runbook", MARKDOWN)) == [tmp_path / "runbook"]
    source = open_source(tmp_path / "runbook", tmp_path / "runbook", "acme")
    assert (source.place, source.data, source.prefix) == ("runbook", b"x", "acme")


def test_nothing_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file or folder"):
        list(files(tmp_path / "none", MARKDOWN))


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_folder, "MOST_FILES", 1)
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("x")
    with pytest.raises(UsageError, match="more than 1 files"):
        list(files(tmp_path, MARKDOWN))


@pytest.mark.parametrize(("name", "limit"), [("a.md", TEXT_LIMIT), ("a.pdf", DOCUMENT_LIMIT)])
def test_large_files_are_refused_by_their_size(tmp_path: Path, name: str, limit: int) -> None:
    path = tmp_path / name
    path.write_bytes(b"x" * limit)
    assert len(open_source(path, tmp_path, "acme").data) == limit
    path.write_bytes(b"x" * (limit + 1))
    with pytest.raises(InvalidInstruction, match=rf"{name}, line 1: it is larger than {limit // TEXT_LIMIT} MiB"):
        open_source(path, tmp_path, "acme")


def test_links_stay_inside(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.md", tmp_path / "folder"
    outside.write_text("s")
    folder.mkdir()
    (folder / "real.md").write_text("r")
    (folder / "in.md").symlink_to(folder / "real.md")
    (folder / "out.md").symlink_to(outside)
    (folder / "lost.md").symlink_to(folder / "none.md")
    (folder / "deep").symlink_to(tmp_path)
    assert [path.name for path in files(folder, MARKDOWN)] == ["in.md", "lost.md", "out.md", "real.md"]
    assert open_source(folder / "in.md", folder, "acme").data == b"r"
    with pytest.raises(InvalidInstruction, match=r"out\.md, line 1: it is a link that leads out"):
        open_source(folder / "out.md", folder, "acme")
    with pytest.raises(InvalidInstruction, match=r"lost\.md, line 1: no such file"):
        open_source(folder / "lost.md", folder, "acme")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(InvalidInstruction, match="not a regular file"):
        open_source(tmp_path / "a.md", tmp_path, "acme")
