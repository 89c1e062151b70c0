"""Every executor keeps the same promises."""

from pathlib import Path

import pytest

from itops.execution.system_executor import SystemExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.executor_contract import EXECUTOR_PROMISES, HOST_PROMISES, SCENES, Bench, Promise
from itops.testing.fake_executor import FakeExecutor


@pytest.mark.parametrize("promise", [*EXECUTOR_PROMISES, *HOST_PROMISES], ids=lambda promise: promise.__name__)
async def test_on_this_machine(promise: Promise, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.touch()
    executor = SystemExecutor(tmp_path / "attempts", SecretKeeper(tmp_path), Redactor(), grace_seconds=0.3)
    await promise(Bench(executor, f"echo mark >> {marks}", lambda: len(marks.read_text().splitlines())))


@pytest.mark.parametrize("promise", EXECUTOR_PROMISES, ids=lambda promise: promise.__name__)
async def test_fake(promise: Promise) -> None:
    executor = FakeExecutor(SCENES)
    await promise(Bench(executor, "mark", lambda: [script.text for script in executor.scripts].count("mark")))
