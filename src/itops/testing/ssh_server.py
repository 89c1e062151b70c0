"""Real OpenSSH servers on loopback, for tests: own host key, own configuration, a free port, one allowed key."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from itops.domain.connection import Connection
from itops.domain.target import Platform, Target

_CONFIGURATION: Final = """
{more}
ListenAddress {listen}:{port}
HostKey {folder}/host_key
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxStartups 200:30:400
MaxSessions 10
PrintMotd no
"""


def program() -> str:
    """Where sshd is; empty where it is not installed."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


class SshServer:
    """One server. Its commands run with ``folder/home`` as their home directory.

    Args:
        folder: Where its files stand; keys are made where there are none.
        port: Where it listens; a free port where none is given.
        address: Where it is reached.
        listen: Where it listens; at its address where nothing is given.
        more: More lines of its configuration.
        prefix: What stands before the program, such as ``ip netns exec NAME``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        address: str = "127.0.0.1",
        listen: str = "",
        more: str = "",
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.folder, self.address, self.port = folder, address, port or free_port()
        self.home = folder / "home"
        self._prefix, self._more, self._listen = prefix, more, listen or address
        self._process: subprocess.Popen[bytes] | None = None
        self.home.mkdir(parents=True, exist_ok=True)
        for name in ("host_key", "user_key"):
            make_key(folder / name)
        shutil.copyfile(folder / "user_key.pub", folder / "authorized_keys")
        self.pin(folder / "known_hosts")

    def pin(self, known_hosts: Path) -> None:
        """Write its host key, and no other."""
        key = (self.folder / "host_key.pub").read_text()
        known_hosts.write_text(f"[{self.address}]:{self.port} {key}")

    @property
    def connection(self) -> Connection:
        """How it is reached."""
        return Connection(
            host=self.address,
            port=self.port,
            user=pwd.getpwuid(os.getuid()).pw_name,
            key_files=(str(self.folder / "user_key"),),
            known_hosts=str(self.folder / "known_hosts"),
        )

    def target(self, name: str = "web-1") -> Target:
        """A target that is reached there."""
        return Target(name=name, platform=Platform.LINUX, executor="ssh", address=self.connection.address)

    def start(self) -> "SshServer":
        """Start it, and return when it answers."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        configuration = self.folder / "sshd_config"
        own = f"SetEnv HOME={self.home}\n{self._more}"
        configuration.write_text(
            _CONFIGURATION.format(folder=self.folder, listen=self._listen, port=self.port, more=own)
        )
        command = [*self._prefix, program(), "-D", "-e", "-f", str(configuration)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not self._prefix:
            self._until_it_answers()
        return self

    def _until_it_answers(self) -> None:
        give_up = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((self.address, self.port), 5).close()
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)
            else:
                return

    def sessions(self) -> list[int]:
        """The processes of the server that serve a connection."""
        if self._process is None:
            return []
        return _descendants(self._process.pid, b"sshd")

    def signal(self, number: signal.Signals, *, with_sessions: bool = True) -> None:
        """Send a signal to the server, and to those of its processes that serve connections; never to commands."""
        if self._process is None:
            return
        for pid in (*(self.sessions() if with_sessions else ()), self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """End it with all its connections; commands go on."""
        if self._process is not None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def serving(folder: Path, *, more: str = "") -> Iterator[SshServer]:
    """A server for as long as it is needed."""
    server = SshServer(folder, more=more).start()
    try:
        yield server
    finally:
        server.stop()


def make_key(path: Path) -> None:
    """A key pair of its own, unless it is there."""
    if not path.exists():
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)],
            check=True,
            stdin=subprocess.DEVNULL,
        )


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _descendants(pid: int, comm: bytes) -> list[int]:
    """Processes under this one that have this name, as far as an unbroken line of them goes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, rest = path.read_bytes().rpartition(b") ")
            if int(rest.split()[1]) == pid and head.endswith(b"(" + comm):
                child = int(path.parent.name)
                found += [child, *_descendants(child, comm)]
    return found
