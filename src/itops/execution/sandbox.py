"""The ways to confine a command on this machine, best first, and the choice among them."""

import functools
import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from itops.domain.sandbox import Sandbox, View
from itops.execution import landlock, syscall_filter

_START: Final = "import sys; sys.path.append(sys.argv.pop(1)); import confined_start; confined_start.main()"
_PROBE_SECONDS: Final = 10.0
_DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")
_CAPABILITIES: Final = {
    "dac_read_search": 2,
    "setgid": 6,
    "setuid": 7,
    "net_admin": 12,
    "net_raw": 13,
    "sys_rawio": 17,
    "sys_ptrace": 19,
    "sys_admin": 21,
    "audit_write": 29,
    "syslog": 34,
}
_AS_ROOT: Final = {
    "bubblewrap": frozenset({View.NETWORK, View.PROCESSES, View.OWNERS, View.ACCOUNTS}),
    "Landlock": frozenset({View.NETWORK, View.MOUNTS, View.DEVICES, View.OWNERS, View.ACCOUNTS}),
}
# Without root, bubblewrap makes a world in which all other accounts are `nobody`; and nothing becomes another account.
_AS_USER: Final = {
    "Landlock": frozenset({View.NETWORK, View.MOUNTS, View.DEVICES, View.OWNERS}),
    "bubblewrap": frozenset({View.NETWORK}),
}


@dataclass(frozen=True)
class Confinement:
    """How one attempt is confined: what stands before its interpreter, and where it finds its files."""

    name: str
    prefix: tuple[str, ...]
    script_dir: Path

    @property
    def temporary(self) -> Path:
        """The one directory that the command may write."""
        return self.script_dir / "tmp"


class Sandboxes:
    """Confines attempts.

    Args:
        attempts_dir: Where attempts have their directories.
        names: The ways to consider, where they are there; all, if none are named.
    """

    def __init__(self, attempts_dir: Path, names: Iterable[str] | None = None) -> None:
        self._attempts_dir = attempts_dir.absolute()
        self._names = None if names is None else frozenset(names)

    def name_for(self, sandbox: Sandbox) -> str:
        """The best way that shows all that the script must be shown; empty where there is none."""
        shows = _shows()
        considered = (name for name in shows if self._names is None or name in self._names)
        return next((name for name in considered if {*sandbox.views} <= shows[name] and is_there(name)), "")

    def confine(self, sandbox: Sandbox, place: Path, home: str) -> Confinement | None:
        """How the attempt whose directory is ``place`` is confined; None where it can't be.

        Args:
            sandbox: What it must be shown, and what is hidden from it.
            place: The attempt's directory; it need not be there yet.
            home: What ``~`` stands for.
        """
        name = self.name_for(sandbox)
        if not name:
            return None
        state = self._attempts_dir.parent
        own = [str(state / pattern) for pattern in ("*.key", "*.db*", "handover")]
        hidden = existing([*own, *sandbox.hidden], home)
        if name == "Landlock":
            return Confinement(name, _start(sandbox, place, [*hidden, str(self._attempts_dir)]), place)
        inside = self._attempts_dir
        bind = ("--ro-bind", str(place), str(inside), "--bind", str(place / "tmp"), str(inside / "tmp"))
        mask = [word for path in hidden for word in ("--ro-bind", _cover(path, place), path)]
        return Confinement(name, (*_bubblewrap(sandbox), *mask, *bind, "--", *_start(sandbox, None, [])), inside)


def make_room(place: Path) -> None:
    """The directories of an attempt that a confined command needs."""
    (place / "tmp").mkdir(mode=0o700)
    (place / "empty").mkdir(mode=0o700)


def available() -> tuple[str, ...]:
    """The ways that this machine has, best first."""
    return tuple(name for name in _shows() if is_there(name))


def _shows() -> dict[str, frozenset[View]]:
    return _AS_ROOT if os.geteuid() == 0 else _AS_USER


@functools.cache
def is_there(name: str) -> bool:
    """Whether this machine really confines in this way; tried once."""
    if not syscall_filter.is_known():
        return False
    here = Path(sys.executable).parent
    plain = Sandbox()
    if name == "Landlock":
        return landlock.version() > 0 and _works([*_start(plain, here, [])])
    return shutil.which("bwrap") is not None and _works([*_bubblewrap(plain), "--", *_start(plain, None, [])])


def existing(patterns: Iterable[str], home: str) -> list[str]:
    """The paths that are there, links followed; one that stands beneath another is left out."""
    found = {
        os.path.realpath(path)
        for pattern in patterns
        for path in glob.glob(pattern.replace("~", home, 1) if pattern.startswith("~/") else pattern)  # noqa: PTH207 - patterns are absolute
    }
    return sorted(path for path in found if not any(str(parent) in found for parent in Path(path).parents))


def _cover(path: str, place: Path) -> str:
    return str(place / "empty") if Path(path).is_dir() else "/dev/null"


def _bubblewrap(sandbox: Sandbox) -> tuple[str, ...]:
    """Everything read-only and without devices.

    Neither ``--new-session`` (the wrapper has a session of its own, without a terminal) nor ``--die-with-parent``: the
    command ends by the wrapper's word alone.
    """
    devices = [word for name in _DEVICES for word in ("--dev-bind-try", f"/dev/{name}", f"/dev/{name}")]
    network = [] if View.NETWORK in sandbox.views else ["--unshare-net"]
    kept = [word for name in sandbox.capabilities for word in ("--cap-add", f"CAP_{name.upper()}")]
    powers = ["--cap-drop", "ALL", *kept] if os.geteuid() == 0 else []
    return (shutil.which("bwrap") or "bwrap", "--ro-bind", "/", "/", *devices, *network, *powers)


def _start(sandbox: Sandbox, place: Path | None, hidden: Sequence[str]) -> tuple[str, ...]:
    """The program that confines itself further. ``place`` where it also has to make files read-only."""
    arguments = (
        "" if place is None else str(place),
        "devices" if View.DEVICES in sandbox.views else "",
        "" if View.PROCESSES in sandbox.views else "alone",
        "network" if View.NETWORK in sandbox.views or place is None else "",
        " ".join(str(_CAPABILITIES[name]) for name in sandbox.capabilities),
        "\n".join(hidden),
    )
    return (sys.executable, "-I", "-S", "-c", _START, str(Path(__file__).parent), *arguments)


def _works(prefix: list[str]) -> bool:
    try:
        done = subprocess.run(
            [*prefix, "/bin/sh", "-c", "exit 7"], capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 7  # noqa: PLR2004 - what the shell exits with
