"""What all tests share: an environment of their own, and skips that say their reason."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from itops.testing.ssh_server import SshServer

CHECKOUT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("ITOPS_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")

# What a person has set for themselves must not decide what a test sees, nor may a test reach a paid model.
FOREIGN_PREFIXES = (
    "ITOPS_",
    "OPENAI_",
    "ANTHROPIC_",
    "AWS_",
    "AZURE_",
    "GEMINI_",
    "GOOGLE_",
    "GROQ_",
    "MISTRAL_",
    "PG",
)
MARKED_NEEDS = {"browser": "chromium", "postgres": "initdb"}

hypothesis.settings.register_profile("itops", deadline=None)
hypothesis.settings.load_profile("itops")


def pytest_configure(config: pytest.Config) -> None:
    """Leave nothing of the user's settings in the environment, and no path to their state."""
    for name in [name for name in os.environ if name.startswith(FOREIGN_PREFIXES) and name != "ITOPS_SHARED_DATA"]:
        del os.environ[name]
    stray = tempfile.mkdtemp(prefix="itops-tests-")
    os.environ["ITOPS_HOME"] = stray
    config.add_cleanup(lambda: shutil.rmtree(stray, ignore_errors=True))


def program(name: str) -> Path | None:
    """Where a program is, Debian's PostgreSQL tools (which are on no PATH) included."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(name) or (versions[-1] if versions else None)
    return Path(found) if found else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, name in MARKED_NEEDS.items():
        if item.get_closest_marker(marker) and not program(name):
            pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="session")
def need() -> Callable[[str], Path]:
    """``need("chromium")`` is the program's path, or skips the test with the reason."""

    def path_of(name: str) -> Path:
        found = program(name)
        return found or pytest.skip(f"{name} is not installed")

    return path_of


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of benchmark data that stands beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no benchmark data at {SHARED_DATA} (ITOPS_SHARED_DATA names another place)")
    return SHARED_DATA


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ITOPS_HOME, and a working directory with no itops.toml in it."""
    path = tmp_path / "home"
    path.mkdir()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("ITOPS_HOME", str(path))
    monkeypatch.chdir(work)
    return path


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SshServer]":
    """A real SSH server on loopback that all tests of a process share; skips where there is none."""
    from itops.testing import ssh_server

    if not ssh_server.program():
        pytest.skip("sshd is not installed")
    with ssh_server.serving(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots and the like are left for a person to look at; git ignores it."""
    path = CHECKOUT / "artifacts"
    path.mkdir(exist_ok=True)
    return path
