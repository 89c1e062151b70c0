"""The seal of an index: another for every byte that counts, the same for all that Chroma writes anew by itself."""

import os
from pathlib import Path

import pytest

from itops.instructions.index.index_seal import IndexSeal

LONG_AGO = 1_000_000_000


@pytest.fixture
def index(tmp_path: Path) -> Path:
    for segment, files in {"kept": ("data_level0.bin", "index_metadata.pickle"), "young": ("data_level0.bin",)}.items():
        (tmp_path / segment).mkdir()
        for name in files:
            write(tmp_path / segment / name, "as it was")
    write(tmp_path / "chroma.sqlite3", "a database")
    return tmp_path


def write(file: Path, text: str) -> None:
    file.write_text(text)
    os.utime(file, (LONG_AGO, LONG_AGO))


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        ("kept/data_level0.bin", "as it iz", True),
        ("kept/index_metadata.pickle", "", True),
        ("kept/another.bin", "new", True),
        ("kept/index_metadata.pickle", None, True),
        ("kept/data_level0.bin", None, True),
        ("young/data_level0.bin", "as it iz", False),
        ("chroma.sqlite3", "another database", False),
    ],
)
def test_what_a_change_does_to_the_seal(index: Path, path: str, text: str | None, counts: bool) -> None:
    seal = IndexSeal()
    before = seal.of(index)
    assert seal.of(index) == before == IndexSeal().of(index)
    if text is None:
        (index / path).unlink()
    else:
        write(index / path, text)
    assert (seal.of(index) != before) is counts
    assert (IndexSeal().of(index) != before) is counts


def test_a_file_that_has_just_been_written_is_read_again(index: Path) -> None:
    file = index / "kept" / "data_level0.bin"
    file.write_text("as it was")
    time = file.stat()
    seal = IndexSeal()
    before = seal.of(index)
    file.write_text("as it iz!")
    os.utime(file, ns=(time.st_atime_ns, time.st_mtime_ns))
    assert seal.of(index) != before


def test_a_file_that_nobody_has_touched_is_read_once(index: Path) -> None:
    seal = IndexSeal()
    before = seal.of(index)
    file = index / "kept" / "data_level0.bin"
    file.write_text("as it iz!")
    os.utime(file, (LONG_AGO, LONG_AGO))
    assert seal.of(index) == before
