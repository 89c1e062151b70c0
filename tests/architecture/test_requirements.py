"""The pinned requirements follow pyproject.toml, agree with each other, and carry hashes."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETS = ("base", "build", "dev", "all")


def pins(path: Path) -> dict[str, str]:
    """Versions by name; a pin without a hash has none."""
    logical = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    lines = [line for line in logical if line and not line.startswith("#")]
    return {
        canonicalize_name(match[1]): match[2] if "--hash=sha256:" in line else ""
        for line in lines
        if (match := re.match(r"([A-Za-z0-9._-]+)==(\S+)", line))
    }


@pytest.fixture(scope="module")
def pinned(checkout: Path) -> dict[str, dict[str, str]]:
    return {name: pins(checkout / "requirements" / f"{name}.txt") for name in SETS}


def wanted(checkout: Path) -> Iterator[tuple[str, Requirement]]:
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    lists = {
        "base": project["project"]["dependencies"],
        "build": project["dependency-groups"]["build"] + project["build-system"]["requires"],
        "dev": [entry for entry in project["dependency-groups"]["dev"] if isinstance(entry, str)],
        "all": [entry for name, entries in extras.items() if name != "all" for entry in entries],
    }
    yield from ((name, Requirement(text)) for name, texts in lists.items() for text in texts)


def test_every_requirement_is_pinned_within_its_bounds(checkout: Path, pinned: dict[str, dict[str, str]]) -> None:
    off = [
        f"{requirement} in requirements/{name}.txt"
        for name, requirement in wanted(checkout)
        if not requirement.specifier.contains(pinned[name].get(canonicalize_name(requirement.name)) or "0")
    ]
    assert not off, "run requirements/compile.sh; not pinned: " + ", ".join(off)


@pytest.mark.parametrize("name", SETS)
def test_the_sets_agree_and_have_hashes(name: str, pinned: dict[str, dict[str, str]]) -> None:
    assert pinned[name]
    assert "" not in pinned[name].values()
    assert pinned[name].items() <= pinned["all"].items()


def test_dev_holds_base_and_build(pinned: dict[str, dict[str, str]]) -> None:
    assert pinned["base"].items() <= pinned["dev"].items()
    assert pinned["build"].items() <= pinned["dev"].items()
