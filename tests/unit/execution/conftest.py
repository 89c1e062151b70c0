import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from itops.execution.system_executor import SystemExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper


@pytest.fixture(autouse=True, scope="session")
def _session_of_its_own() -> None:
    """Under mutation testing: a wrapper without a session of its own would end the one that it was started in."""
    if "MUTANT_UNDER_TEST" in os.environ:
        with contextlib.suppress(PermissionError):
            os.setsid()


@pytest.fixture
def attempts_dir(tmp_path: Path) -> Path:
    return tmp_path / "attempts"


@pytest.fixture
def new_executor(tmp_path: Path, attempts_dir: Path) -> Callable[[], SystemExecutor]:
    """As a worker that starts makes it: knows nothing but what is on disk."""
    return lambda: SystemExecutor(attempts_dir, SecretKeeper(tmp_path), Redactor(), grace_seconds=0.3)
