"""Who is let in, and what is said where nobody is."""

import asyncio
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from itops.domain.connection import Connection
from itops.domain.target import Platform, Target
from itops.errors import TargetUnreachable
from itops.execution.ssh_executor import SshExecutor
from itops.execution.ssh_login import KnownHosts
from itops.execution.ssh_pool import Patience
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.ssh_server import SshServer, free_port, make_key, serving

Reach = Callable[[Connection], "asyncio.Task[None]"]
TARGET = Target(name="web-1", platform=Platform.LINUX, executor="ssh")


async def reach(connection: Connection, folder: Path) -> None:
    patience = Patience(login=2.0, keepalive=1.0)
    executor = SshExecutor(folder / "sent", lambda _: connection, SecretKeeper(folder), Redactor(), patience=patience)
    try:
        await executor.reach(TARGET)
    finally:
        await executor.close()


async def why_not(connection: Connection, folder: Path) -> str:
    with pytest.raises(TargetUnreachable) as caught:
        await reach(connection, folder)
    assert caught.value.world == "Nothing ran on this target."
    return caught.value.what


async def test_a_name_that_nobody_knows(ssh_server: SshServer, tmp_path: Path) -> None:
    said = await why_not(ssh_server.connection.model_copy(update={"host": "no-such-host.invalid"}), tmp_path)
    assert "no-such-host.invalid is not known" in said


async def test_a_port_that_nobody_listens_at(ssh_server: SshServer, tmp_path: Path) -> None:
    said = await why_not(ssh_server.connection.model_copy(update={"port": free_port()}), tmp_path)
    assert "refuses connections" in said


async def test_one_who_never_answers(ssh_server: SshServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        said = await why_not(ssh_server.connection.model_copy(update={"port": mute.getsockname()[1]}), tmp_path)
    assert "did not answer within 2 seconds" in said


async def test_one_who_speaks_something_else(ssh_server: SshServer, tmp_path: Path) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 2000)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        said = await why_not(ssh_server.connection.model_copy(update={"port": port}), tmp_path)
    assert "SSH" in said or "closed the connection" in said


async def test_a_host_key_that_is_not_known(ssh_server: SshServer, tmp_path: Path) -> None:
    said = await why_not(ssh_server.connection.model_copy(update={"known_hosts": str(tmp_path / "none")}), tmp_path)
    assert "is not known" in said
    assert not (tmp_path / "none").exists()


async def test_a_host_key_that_has_changed(ssh_server: SshServer, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    name = f"[{ssh_server.address}]:{ssh_server.port}"
    (tmp_path / "known").write_text(f"{name} {(tmp_path / 'other.pub').read_text()}")
    for trust in (False, True):
        changed = ssh_server.connection.model_copy(
            update={"known_hosts": str(tmp_path / "known"), "trust_first": trust}
        )
        assert "is not the one that is pinned" in await why_not(changed, tmp_path)


async def test_trust_on_first_use_pins_the_key(ssh_server: SshServer, tmp_path: Path) -> None:
    known = tmp_path / "new" / "known_hosts"
    first = ssh_server.connection.model_copy(update={"known_hosts": str(known), "trust_first": True})
    await reach(first, tmp_path)
    pinned = known.read_text()
    assert pinned.split()[:3] == [
        f"[{ssh_server.address}]:{ssh_server.port}",
        *(ssh_server.folder / "host_key.pub").read_text().split()[:2],
    ]
    await reach(first.model_copy(update={"trust_first": False}), tmp_path)
    assert known.read_text() == pinned


async def test_a_wrong_key(ssh_server: SshServer, tmp_path: Path) -> None:
    make_key(tmp_path / "stranger")
    said = await why_not(
        ssh_server.connection.model_copy(update={"key_files": (str(tmp_path / "stranger"),)}), tmp_path
    )
    assert "refuses the login" in said
    assert "no key was accepted" in said


async def test_a_key_that_is_not_there(ssh_server: SshServer, tmp_path: Path) -> None:
    said = await why_not(ssh_server.connection.model_copy(update={"key_files": (str(tmp_path / "none"),)}), tmp_path)
    assert "can't be read" in said


@pytest.fixture
def certifying(tmp_path: Path) -> Iterator[SshServer]:
    make_key(tmp_path / "authority")
    with serving(tmp_path / "server", more=f"TrustedUserCAKeys {tmp_path}/authority.pub") as server:
        (server.folder / "authorized_keys").write_text("")
        yield server


def certify(server: SshServer, folder: Path, validity: str) -> Connection:
    make_key(folder / "mine")
    user = server.connection.user
    subprocess.run(
        ["ssh-keygen", "-q", "-s", folder / "authority", "-I", "me", "-n", user, "-V", validity, folder / "mine.pub"],
        check=True,
        capture_output=True,
    )
    keys = {"key_files": (str(folder / "mine"),), "certificate_files": (str(folder / "mine-cert.pub"),)}
    return server.connection.model_copy(update=keys)


async def test_a_certificate(certifying: SshServer, tmp_path: Path) -> None:
    await reach(certify(certifying, tmp_path, "-1d:+1d"), tmp_path)


async def test_an_expired_certificate(certifying: SshServer, tmp_path: Path) -> None:
    assert "expired on 2020-02-" in await why_not(certify(certifying, tmp_path, "20200101:20200202"), tmp_path)


async def test_a_password_comes_from_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return password == "correct-horse"

    make_key(tmp_path / "host")
    async with await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[str(tmp_path / "host")]
    ) as server:
        connection = Connection(
            host="127.0.0.1",
            port=server.get_port(),
            user="someone",
            known_hosts=str(tmp_path / "known"),
            trust_first=True,
            password="secret://env/LOGIN",
        )
        monkeypatch.setenv("LOGIN", "correct-horse")
        await reach(connection, tmp_path)
        monkeypatch.setenv("LOGIN", "wrong-horse")
        assert "neither key nor password was accepted" in await why_not(connection, tmp_path)


async def test_by_way_of_a_bastion(ssh_server: SshServer, tmp_path: Path) -> None:
    with serving(tmp_path / "behind") as behind:
        await reach(behind.connection.model_copy(update={"via": (ssh_server.connection,)}), tmp_path)
    gone = behind.connection.model_copy(update={"via": (ssh_server.connection,)})
    assert "The bastion before" in await why_not(gone, tmp_path)


def test_a_file_of_pinned_keys_is_read_again_when_it_changes(ssh_server: SshServer, tmp_path: Path) -> None:
    known = KnownHosts(tmp_path / "known")
    assert not known.has("web-1", 22)
    key = (ssh_server.folder / "host_key.pub").read_text()
    assert known.pin("web-1", 22, key)
    assert known.has("web-1", 22)
    make_key(tmp_path / "other")
    assert not known.pin("web-1", 22, (tmp_path / "other.pub").read_text())
    assert len((tmp_path / "known").read_text().splitlines()) == 1
