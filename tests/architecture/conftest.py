"""What the checks of the house share: where it stands, and the exceptions that may only shrink."""

import subprocess
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def exceptions() -> dict[str, dict[str, object]]:
    return tomllib.loads((Path(__file__).parent / "exceptions.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Every text file of the project that git knows or would take, by its path."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip(f"this is no git checkout: {listing.stderr.strip()}")
    found: dict[str, str] = {}
    for name in filter(None, listing.stdout.split("\0")):
        content = (CHECKOUT / name).read_bytes() if (CHECKOUT / name).is_file() else b""
        if b"\0" not in content:
            found[name] = content.decode(errors="replace")
    return found
