"""Stores that are damaged, and disks that are full: a clear error, nothing that nobody knows of, and a way back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

FINE = "show uptime"
SURE = 0.8
KILOBYTE = 1024


def spoil(path: Path, *, start: int = 0, length: int | None = None) -> None:
    """Write rubbish over a file, from a place on."""
    data = bytearray(path.read_bytes())
    end = len(data) if length is None else min(len(data), start + length)
    data[start:end] = os.urandom(end - start)
    path.write_bytes(data)


def is_unavailable(done) -> None:
    assert done.code == 6, done
    assert "Error: " in done.err
    assert not done.out or done.json["steps"] == []


@pytest.mark.parametrize("name", ["itops.db", "workflow.db"])
def test_a_database_that_is_none(itops, home, name) -> None:
    assert itops("run", FINE).code == 0
    spoil(home / name)
    done = itops("run", FINE, "--json")
    is_unavailable(done)
    assert "database" in done.err
    if name == "workflow.db":
        assert [task["state"] for task in itops("tasks", "list", "--json").json] == ["succeeded"]
    shutil.move(home / name, home / f"{name}.broken")
    if name == "workflow.db":
        assert itops("run", FINE).code == 0
        assert itops("audit", "verify").code == 0


@pytest.mark.parametrize("name", ["itops.db", "workflow.db"])
def test_a_database_with_a_hole(itops, home, name) -> None:
    assert itops("run", FINE).code == 0
    path = home / name
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoil(path, start=3 * 4096, length=path.stat().st_size)
    done = itops("run", FINE, "--json")
    is_unavailable(done)
    doctor = itops("doctor")
    assert doctor.code == 6
    assert "BROKEN" in doctor.out


@pytest.mark.parametrize("what", ["chroma.sqlite3", "current.json"])
def test_a_broken_index_is_built_anew_or_said(itops, home, what) -> None:
    paths = list(home.joinpath("index").rglob(what))
    assert paths
    for path in paths:
        spoil(path)
    first = itops("run", FINE, "--json")
    if first.code != 0:
        is_unavailable(first)
        assert "index" in first.err + first.out
    again = itops("run", FINE, "--json")
    assert again.code == 0, again


@pytest.mark.parametrize(
    "name", ["data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"]
)
@pytest.mark.parametrize("damage", ["rubbish", "half"])
def test_an_index_whose_graph_is_damaged_is_built_anew(itops, home, name, damage) -> None:
    graphs = [mark.parent for mark in home.joinpath("index").rglob("index_metadata.pickle")]
    assert graphs
    for path in (graph / name for graph in graphs):
        if damage == "half":
            os.truncate(path, path.stat().st_size // 2)
        else:
            spoil(path)
    best = itops("search", FINE, "--json").json[0]
    assert best["id"] == "linux.system.uptime"
    assert best["score"] > SURE
    assert not any(graph.exists() for graph in graphs)


def test_an_index_that_is_gone_is_built_anew(itops, home) -> None:
    shutil.rmtree(home / "index")
    done = itops("run", FINE, "--json")
    assert (done.code, done.json["plan"][0]["instruction"]) == (0, "linux.system.uptime")


def test_anchors_that_are_rubbish_are_found_by_verify_and_by_doctor(itops, home) -> None:
    assert itops("run", FINE).code == 0
    spoil(home / "journal.anchors")
    assert itops("audit", "verify").code != 0
    doctor = itops("doctor")
    assert doctor.code == 6
    assert "journal" in doctor.out


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """The home on a disk of its own of 16 MB."""
    kept = home.with_name("kept")
    shutil.move(home, kept)
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "itops-test", home], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        shutil.copytree(kept, home, dirs_exist_ok=True)
        yield home
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)


def fill(disk: Path, *, but: int) -> Path:
    """Fill a disk up to this many bytes."""
    filler = disk / "filler"
    free = os.statvfs(disk)
    filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - but)))
    return filler


def test_on_a_full_disk_nothing_runs_and_with_room_again_it_works(itops, small_disk, place) -> None:
    filler = fill(small_disk, but=0)
    task = f"note the word hello in {place}/notes"
    done = itops("run", task, "--auto", "change", "--json")
    is_unavailable(done)
    assert not (place / "notes").exists()
    filler.unlink()
    assert itops("run", task, "--auto", "change").code == 0
    assert (place / "notes").read_text() == "hello\n"
    assert itops("audit", "verify").code == 0


@pytest.mark.parametrize("room", [40, 352, 640])
def test_a_disk_that_gets_full_on_the_way_neither_loses_nor_repeats(itops, small_disk, place, room) -> None:
    filler = fill(small_disk, but=room * KILOBYTE)
    done = itops("run", f"note the word hello in {place}/notes", "--auto", "change", "--json")
    assert done.code in (0, 6), done
    filler.unlink()
    for task in itops("tasks", "list", "--json").json:
        if task["state"] == "running":
            assert done.code == 6
            resumed = itops("tasks", "resume", task["task"], "--json")
            assert resumed.json["state"] == "succeeded", resumed
        if task["state"] == "failed":
            assert not (place / "notes").exists()
        else:
            assert (place / "notes").read_text() == "hello\n"
    assert itops("run", FINE).code == 0
    assert itops("audit", "verify").code == 0
