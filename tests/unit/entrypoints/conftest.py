"""Commands called in this process, over fakes, over a real engine, or over the whole house."""

import io
import json
import logging
import os
import pty
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from itops.domain.verdict import Decision
from itops.entrypoints import cli, session
from itops.testing.durable_house import DurableHouse
from itops.testing.fake_rooms import FakeHouse


@dataclass(frozen=True)
class Called:
    """What a call left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out, self.err
        return json.loads(self.out)


@pytest.fixture
def call(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """``call("run", "show uptime")`` is ``itops run "show uptime"``, with nobody at a terminal."""
    logger = logging.getLogger("itops")
    before = (logger.handlers, logger.level, logger.propagate)

    def call(*words: str, stdin: str | None = "") -> Called:
        monkeypatch.setattr(sys, "argv", ["itops", *words])
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        return Called(int(left.value.code or 0), told.out, told.err)

    yield call
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.level, logger.propagate = before
    logging.getLogger("dbos").handlers.clear()  # they hold this test's standard error


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeHouse]:
    """``fakes(agent, …)`` is the house that the next call opens: it lasts for that call."""

    def open_next(*agent: Any, **parts: Any) -> FakeHouse:
        house = FakeHouse(*agent, **parts)
        monkeypatch.setattr(house, "close", lambda: None, raising=False)
        monkeypatch.setattr(session, "House", lambda settings: house)
        return house

    return open_next


@pytest.fixture
def durable(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every call opens a house with a real engine, whose policy asks; tasks outlive the call."""
    monkeypatch.setattr(session, "House", lambda settings: DurableHouse(settings.home, decision=Decision.ASK))
    return home


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the starter library, indexed once."""
    home = tmp_path_factory.mktemp("library") / "home"

    async def fill(house: Any) -> None:
        await house.filled_library()

    session.in_session(fill, home=home)
    return home


@pytest.fixture
def filled(home: Path, library: Path) -> Path:
    """ITOPS_HOME with the starter library."""
    shutil.copytree(library, home, dirs_exist_ok=True)
    return home


@pytest.fixture
def at_terminal(call: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """``at_terminal("y\\n")`` puts a person at the terminal who has typed this; call with ``stdin=None``."""
    ours, theirs = pty.openpty()

    def type_in(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        os.write(ours, text.encode())

    with os.fdopen(theirs) as stdin:
        yield type_in
    os.close(ours)
