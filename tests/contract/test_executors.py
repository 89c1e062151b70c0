"""Every executor keeps the same promises, and on this machine it keeps them confined too."""

import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from itops.domain.sandbox import Sandbox
from itops.execution.sandbox import Sandboxes, is_there
from itops.execution.ssh_executor import SshExecutor
from itops.execution.system_executor import SystemExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.executor_contract import EXECUTOR_PROMISES, HOST_PROMISES, SCENES, Bench, Promise
from itops.testing.fake_executor import FakeExecutor
from itops.testing.ssh_server import SshServer

CALL = "import socket, sys\nsocket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"


class Counter:
    """Counts who calls: a mark that can be left where nothing can be written."""

    def __init__(self, path: Path) -> None:
        path.with_name("call").write_text(CALL)
        self.mark = f"{sys.executable} -I -S {path.with_name('call')} {path}"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen(16)
        self.socket.setblocking(False)
        self.count = 0

    def marks(self) -> int:
        while True:
            try:
                self.socket.accept()[0].close()
            except BlockingIOError:
                return self.count
            self.count += 1


@pytest.fixture
def counter() -> Iterator[Counter]:
    folder = tempfile.mkdtemp()
    counter = Counter(Path(folder, "marks"))
    yield counter
    counter.socket.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize("promise", [*EXECUTOR_PROMISES, *HOST_PROMISES], ids=lambda promise: promise.__name__)
async def test_on_this_machine(promise: Promise, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.touch()
    executor = SystemExecutor(tmp_path / "attempts", SecretKeeper(tmp_path), Redactor(), grace_seconds=0.3)
    await promise(Bench(executor, f"echo mark >> {marks}", lambda: len(marks.read_text().splitlines())))


@pytest.mark.parametrize("promise", [*EXECUTOR_PROMISES, *HOST_PROMISES], ids=lambda promise: promise.__name__)
async def test_over_ssh(promise: Promise, tmp_path: Path, ssh_server: SshServer) -> None:
    """On a real server; what it has of attempts is another test's."""
    marks = tmp_path / "marks"
    marks.touch()
    shutil.rmtree(ssh_server.home / ".itops", ignore_errors=True)
    keeper, reached = SecretKeeper(tmp_path), ssh_server.connection
    executor = SshExecutor(tmp_path / "sent", lambda _: reached, keeper, Redactor(), grace_seconds=0.3)
    bench = Bench(
        executor, f"echo mark >> {marks}", lambda: len(marks.read_text().splitlines()), target=ssh_server.target()
    )
    await promise(bench)
    await executor.close()


@pytest.mark.parametrize("name", ["bubblewrap", "Landlock"])
@pytest.mark.parametrize("promise", [*EXECUTOR_PROMISES, *HOST_PROMISES], ids=lambda promise: promise.__name__)
async def test_confined(promise: Promise, name: str, tmp_path: Path, counter: Counter) -> None:
    if not is_there(name):
        pytest.skip(f"this machine can't confine by {name}")
    home = tmp_path / "home"
    keeper, sandboxes = SecretKeeper(home), Sandboxes(home / "attempts", [name])
    executor = SystemExecutor(home / "attempts", keeper, Redactor(), grace_seconds=0.3, sandboxes=sandboxes)
    await promise(Bench(executor, counter.mark, counter.marks, sandbox=Sandbox(capabilities=("dac_read_search",))))


@pytest.mark.parametrize("promise", EXECUTOR_PROMISES, ids=lambda promise: promise.__name__)
async def test_fake(promise: Promise) -> None:
    executor = FakeExecutor(SCENES)
    await promise(Bench(executor, "mark", lambda: [script.text for script in executor.scripts].count("mark")))
