"""The command line as a program, houses in this process, and homes whose library is filled."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from itops.app import Wish
from itops.bootstrap import House
from itops.domain.identity import Person
from itops.domain.task import TaskState
from itops.settings import load_settings
from itops.testing.openai_server import Behaviour, OpenAiServer
from itops.workflow.task_view import TaskView

_spec = importlib.util.spec_from_file_location("postgres", Path(__file__).parents[1] / "postgres.py")
_postgres = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_postgres)
postgres_server, postgres_url = _postgres.postgres_server, _postgres.postgres_url

INSTRUCTIONS = Path(__file__).with_name("instructions")
ITOPS = Path(sys.executable).with_name("itops")
ALICE = Person(id="alice", name="Alice")
SECONDS = 120


@dataclass(frozen=True)
class Completed:
    """What a call of the command line left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """``itops WORDS…`` in a process of its own, with nobody at a terminal. It never shows a traceback."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self._home = folder, home
        self._started: list[subprocess.Popen[bytes]] = []

    def __call__(
        self, *words: str | bytes, env: dict[str, str] | None = None, stdin: str = "", **how: Any
    ) -> Completed:
        process = self.start(*words, env=env, **{"stdin": subprocess.PIPE, **how})
        return self.end(process, stdin)

    def start(
        self, *words: str | bytes, env: dict[str, str] | None = None, through: tuple[str, ...] = (), **how: Any
    ) -> "subprocess.Popen[bytes]":
        """Begin, and don't wait; what is still there at the test's end is killed. ``through`` starts it."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, **(env or {})}
        process = subprocess.Popen([*through, ITOPS, *words], env=environment, cwd=self.folder, **{**streams, **how})
        self._started.append(process)
        return process

    def end(self, process: "subprocess.Popen[bytes]", stdin: str = "") -> Completed:
        """What a call that was begun leaves."""
        out, err = process.communicate(stdin.encode() if process.stdin else None, timeout=SECONDS)
        done = Completed(process.returncode, (out or b"").decode(), (err or b"").decode())
        assert "Traceback" not in done.out + done.err, done
        return done

    def newest(self) -> str:
        """The id of the newest task, once there is one."""
        return wait_until(lambda: self("tasks", "list", "--limit", "1", "--json").json)[0]["task"]

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for path in Path("/proc").glob("[0-9]*/cmdline"):  # commands outlive their workers, as they should
            with contextlib.suppress(OSError):
                if f"{self._home}/attempts/".encode() in path.read_bytes():
                    os.kill(int(path.parent.name), signal.SIGKILL)


class Visit:
    """A house in this process, and a person who asks in it."""

    def __init__(self, house: House) -> None:
        self.house, self.app = house, house.app

    async def run(self, words: str, **wish: Any) -> TaskView:
        """A task, until it ends or waits for a person."""
        task = await self.app.submit(Wish(words=words, requester=ALICE, **wish))
        return await self.follow(task.id)

    async def follow(self, task: str) -> TaskView:
        """A task that runs, until it ends or waits for a person."""
        view = await self.app.status(task)
        if view.state is TaskState.RUNNING:
            async for record in self.app.watch(task, after=view.seq):
                view.fold(record)
                if view.state is not TaskState.RUNNING:
                    break
        if view.state.ended:
            await self.app.settled(task)
        return view

    async def decide(self, view: TaskView, *, approve: bool, reason: str = "") -> TaskView:
        """Answer the approval that a task waits for."""
        await self.app.decide(view.approval.id, approve=approve, by=ALICE, reason=reason)
        return await self.next_pause(view)

    async def next_pause(self, view: TaskView) -> TaskView:
        """The same task at its next pause or its end."""
        view.question = view.approval = None
        async for record in self.app.watch(view.id, after=view.seq):
            view.fold(record)
            if view.state is not TaskState.RUNNING:
                break
        if view.state.ended:
            await self.app.settled(view.id)
        return view


def wait_until(look: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What ``look`` gives, once it gives something."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
    return seen


def seen_commands() -> list[str]:
    """The command lines of all processes that can be seen now."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
        except OSError:
            continue
    return lines


@pytest.fixture
def commands() -> Callable[[], list[str]]:
    """The command lines of all processes that can be seen now."""
    return seen_commands


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for what tasks write, whose name says nothing: its words would have a say in what is found."""
    folder = tempfile.mkdtemp(prefix="t-")
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.fixture
def until() -> Callable[..., Any]:
    """Waits for what a look gives."""
    return wait_until


@pytest.fixture
def running() -> Callable[..., None]:
    """``running("sleep 9")`` waits until a process has these words in its command line, or until none has."""

    def wait(command: str, *, is_there: bool = True) -> None:
        wait_until(lambda: any(command in line for line in seen_commands()) is is_there)

    return wait


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the starter library and the instructions of these tests, indexed once."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    env = {**os.environ, "ITOPS_HOME": str(home)}
    command = [ITOPS, "instructions", "sync", str(INSTRUCTIONS), "--publish"]
    subprocess.run(command, env=env, cwd=home.parent, check=True, capture_output=True, timeout=SECONDS)
    return home


@pytest.fixture
def home(home: Path, prepared: Path) -> Path:
    """ITOPS_HOME, with the library filled."""
    shutil.copytree(prepared, home, dirs_exist_ok=True)
    return home


@pytest.fixture
def itops(home: Path, tmp_path: Path) -> Iterator[CommandLine]:
    line = CommandLine(tmp_path / "work", home)
    yield line
    line.close()


@pytest.fixture
def visit(home: Path) -> Iterator[Callable[..., Visit]]:
    """Opens the house of the home with these settings; one at a time."""
    with ExitStack() as stack:

        def open_house(**flags: Any) -> Visit:
            house = House(load_settings(**flags))
            stack.callback(house.close)
            return Visit(house)

        yield open_house


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Behaviour], OpenAiServer]]:
    """Sets a model of this behaviour: a loopback server that speaks OpenAI's wire format."""
    with ExitStack() as stack:

        def behave(behaviour: Behaviour) -> OpenAiServer:
            server = stack.enter_context(OpenAiServer(behaviour))
            monkeypatch.setenv("ITOPS_LLM", "openai:test-model")
            monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-test")
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            return server

        yield behave
