"""How a person gets into a target: which host key is right, what is offered, and why it failed, in plain words."""

import errno
import fcntl
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itops.domain.connection import Connection
from itops.errors import TargetUnreachable

if TYPE_CHECKING:
    import asyncssh

SSH_PORT: Final = 22
CLOSED_EARLY: Final = "closed the connection before the login was done"
_NO_ROUTE: Final = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)


class KnownHosts:
    """The pinned host keys of one file, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int] | None = None
        self._known: asyncssh.SSHKnownHosts | None = None

    def read(self) -> "asyncssh.SSHKnownHosts":
        """The keys as they stand now; none where the file is not there."""
        import asyncssh

        try:
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
        except FileNotFoundError:
            stamp = None
        if self._known is None or stamp != self._stamp:
            text = self.path.read_text(errors="replace") if stamp else ""
            self._known, self._stamp = asyncssh.import_known_hosts(text), stamp
        return self._known

    def has(self, host: str, port: int) -> bool:
        """Whether any key is pinned for this host."""
        keys, authorities, *_ = self.read().match(host, "", port)
        return bool(keys or authorities)

    def pin(self, host: str, port: int, key: str) -> bool:
        """Add a key where none is pinned; whether it is the one that is pinned now."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        pinned = " ".join(key.split()[:2])
        name = host if port == SSH_PORT else f"[{host}]:{port}"
        with self.path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not self.has(host, port):
                file.write(f"{name} {pinned}\n")
                file.flush()
                os.fsync(file.fileno())
        keys = self.read().match(host, "", port)[0]
        return pinned in [" ".join(one.export_public_key().decode().split()[:2]) for one in keys]


def login_options(connection: Connection, known: KnownHosts, password: str) -> dict[str, Any]:
    """What asyncssh needs besides host and port. Nothing comes from ``~/.ssh/config``: the inventory says it all."""
    import asyncssh

    class Login(asyncssh.SSHClient):
        """Takes a host key that was never seen, where the connection says so, and pins it."""

        def validate_host_public_key(self, host: str, addr: str, port: int, key: "asyncssh.SSHKey") -> bool:
            if not connection.trust_first or known.has(host, port) or known.has(addr, port):
                return False
            return known.pin(host, port, key.export_public_key().decode().strip())

    options: dict[str, Any] = {"client_factory": Login, "known_hosts": known.read(), "config": []}
    if connection.user:
        options["username"] = connection.user
    if connection.key_files:
        options["client_keys"] = [str(Path(path).expanduser()) for path in connection.key_files]
        options["client_certs"] = [str(Path(path).expanduser()) for path in connection.certificate_files]
    if password:
        options["password"] = password
    return options


def why_unreachable(error: Exception, connection: Connection, known: KnownHosts, seconds: float) -> TargetUnreachable:
    """What a failed connection means, and what to do about it. Nothing ran."""
    import asyncssh

    where = f"{connection.host} (port {connection.port or SSH_PORT})"
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        what, mend = _host_key(connection, known, str(error))
    elif isinstance(error, asyncssh.PermissionDenied):
        what, mend = _denied(connection, where)
    elif isinstance(error, asyncssh.Error):
        what, mend = _protocol(error, where, seconds)
    else:
        what, mend = _network(error, connection.host, where, seconds)
    return TargetUnreachable(what, mend=mend or "Try the same with `ssh`, then run it again.")


def _network(error: Exception, host: str, where: str, seconds: float) -> tuple[str, str]:
    import asyncssh

    if isinstance(error, socket.gaierror):
        return f"The name {host} is not known to this machine's resolver.", "Correct the host in the inventory."
    if isinstance(error, TimeoutError):
        return f"{where} did not answer within {seconds:g} seconds.", ""
    if isinstance(error, ConnectionRefusedError):
        return f"{where} refuses connections.", "See that an SSH server listens there."
    if isinstance(error, asyncssh.KeyImportError | asyncssh.KeyEncryptionError | FileNotFoundError | PermissionError):
        return f"A key for {where} can't be read: {error}.", "Correct its path, or load it into the agent."
    number = error.errno if isinstance(error, OSError) else None
    said = {errno.ECONNRESET: CLOSED_EARLY, **dict.fromkeys(_NO_ROUTE, "can't be reached: there is no route to it")}
    why = said.get(number or 0, f"can't be reached: {error}")
    return f"{where} {why}.", ""


def _protocol(error: "asyncssh.Error", where: str, seconds: float) -> tuple[str, str]:
    import asyncssh

    if isinstance(error, asyncssh.ConnectionLost) and "timeout" in str(error).lower():
        return f"{where} did not answer within {seconds:g} seconds.", ""
    if isinstance(error, asyncssh.ConnectionLost):
        return f"{where} {CLOSED_EARLY}: {error}.", ""
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return f"{where} has no cipher or key exchange in common with this machine: {error}.", ""
    if isinstance(error, asyncssh.ChannelOpenError):
        return f"The bastion before {where} can't reach it: {error}.", ""
    if isinstance(error, asyncssh.ProtocolError | asyncssh.ProtocolNotSupported):
        return f"What listens at {where} does not speak SSH as it should: {error}.", ""
    return f"{where} can't be reached: {error}.", ""


def _host_key(connection: Connection, known: KnownHosts, said: str) -> tuple[str, str]:
    host, port = connection.host, connection.port or SSH_PORT
    if "expired" in said.lower() or "not yet valid" in said.lower():
        return f"The certificate of {host} can't be trusted: {said}.", "Renew the host's certificate."
    if known.has(host, port):
        what = f"The host key of {host} is not the one that is pinned in {known.path}: another machine may answer."
        return what, f"If the host was really rebuilt, remove its lines from {known.path} and pin the new key."
    what = f"The host key of {host} is not known: it stands in no line of {known.path}."
    return what, f"Check the key by another way and add it, for instance with `ssh-keyscan -p {port} {host}`."


def _denied(connection: Connection, where: str) -> tuple[str, str]:
    user = connection.user or "the person's own login name"
    for path in connection.certificate_files:
        if ended := _expired(Path(path).expanduser()):
            return f"{where} refuses the login of {user}: the certificate {path} expired on {ended}.", "Renew it."
    tried = "neither key nor password" if connection.password else "no key"
    return f"{where} refuses the login of {user}: {tried} was accepted.", "Correct the user, the key or the password."


def _expired(path: Path) -> str:
    """When a certificate ended; empty where it has not, or can't be read."""
    import asyncssh

    try:
        ends = getattr(asyncssh.read_certificate(str(path)), "_valid_before", 0)
        ended = datetime.fromtimestamp(ends, UTC)
    except (OSError, OverflowError, ValueError, asyncssh.KeyImportError):
        return ""
    return ended.date().isoformat() if ended < datetime.now(UTC) else ""
