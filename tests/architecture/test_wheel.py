"""The wheel holds the whole package, its data files too, and its entry points lead somewhere."""

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    finished = subprocess.run(build, cwd=checkout, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_it_holds_every_file_of_the_package(wheel: zipfile.ZipFile, texts: dict[str, str]) -> None:
    ours = {name.removeprefix("src/") for name in texts if name.startswith("src/itops/")}
    packed = {name for name in wheel.namelist() if name.startswith("itops/")}
    assert not ours - packed, "not in the wheel: " + ", ".join(sorted(ours - packed))


def test_its_entry_points_lead_to_modules(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points = configparser.ConfigParser(delimiters=("=",))
    points.read_string(wheel.read(name).decode())
    places = {
        key: value.partition(":")[0].strip().replace(".", "/") + ".py"
        for section in points.sections()
        for key, value in points.items(section)
    }
    assert "itops" in places
    lost = {key: place for key, place in places.items() if place not in wheel.namelist()}
    assert not lost, f"these entry points lead nowhere: {lost}"


def test_it_carries_the_licence(wheel: zipfile.ZipFile) -> None:
    names = {Path(name).name for name in wheel.namelist()}
    assert {"LICENSE", "NOTICE"} <= names
