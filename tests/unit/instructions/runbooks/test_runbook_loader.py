"""A folder's broken files are named, and never stop the others."""

import os
from pathlib import Path

import pytest

from itops.errors import InvalidInstruction, UsageError
from itops.instructions.runbooks.runbook_loader import library_dir, load_file, load_folder

GOOD = "---\nid: {}\ntitle: T\nplatform: linux\n---\n"


def write(path: Path, name: str, text: str | bytes | None = None) -> Path:
    file = path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    content = GOOD.format(file.stem) if text is None else text
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_good_files_are_read_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a.md", "deep/er/c.MD", "README.md", ".git/d.md", "e.txt", ".f.md"):
        write(tmp_path, name)
    report = load_folder(tmp_path)
    assert [one.id for one in report.instructions] == ["a", "b", "c"]
    assert report.problems == ()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a\n\xff\xfe", "line 2: it is not valid UTF-8"),
        (b"---\nid\0", "line 2: it is binary"),
        (b"x" * (1024 * 1024 + 1), "line 1: it is larger than 1 MiB"),
        (b"---\nid: [x\n---\n", "line 2: broken YAML"),
        (b"", "line 1: no front matter"),
    ],
)
def test_a_broken_file_is_named_and_the_rest_goes_on(tmp_path: Path, content: bytes, what: str) -> None:
    broken = write(tmp_path, "broken.md", content)
    write(tmp_path, "good.md")
    report = load_folder(tmp_path)
    assert [one.id for one in report.instructions] == ["good"]
    (problem,) = report.problems
    assert problem.what.startswith(f"{broken}, {what}")
    assert problem.mend


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_a_second_file(tmp_path: Path) -> None:
    secret = write(tmp_path, "outside.md")
    inside = tmp_path / "folder"
    real = write(inside, "good.md")
    (inside / "a-link.md").symlink_to(secret)
    (inside / "z-link.md").symlink_to(real)
    report = load_folder(inside)
    assert [one.id for one in report.instructions] == ["good"]
    assert ["out of the folder" in one.what for one in report.problems] == [True, False]
    assert "has the same id 'good'" in report.problems[1].what


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    assert len(load_folder(tmp_path).problems) == 2
    with pytest.raises(InvalidInstruction, match="no such file"):
        load_file(tmp_path / "missing.md")


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        load_folder(tmp_path / "none")


def test_the_starter_library_is_found() -> None:
    assert (library_dir() / "linux").is_dir()
