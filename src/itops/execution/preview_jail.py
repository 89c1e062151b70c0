"""Tries a script where nothing of it lasts: in namespaces of its own, on a throw-away copy of this machine's files.

It is a program of its own: an order as JSON on standard input, a report as JSON on standard output. The script sees
this machine's directories through overlays whose upper layers are in memory and end with it; ``/run`` and ``/sys`` are
empty, ``/proc`` can't be written and shows its own processes alone, ``/dev`` has three harmless devices, and there is
no network. It runs without privileges but those over files, as the first process of its own process namespace, so that
its end is the end of all that it started.
"""

import contextlib
import ctypes
import json
import os
import resource
import selectors
import signal
import stat
import sys
import time
from pathlib import Path
from typing import Any, Final, NoReturn

from itops.execution.preview_changes import Layer, Made, changes_of, made_of

BASE: Final = "/sys"
ROOT: Final = f"{BASE}/root"
HIDDEN: Final = frozenset({"/proc", "/sys", "/dev", "/run"})
_DEVICES: Final = ("null", "zero", "random", "urandom")
_LINKS: Final = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
_NEW_ALL: Final = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000
_NEW_MOUNTS: Final = 0x00020000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
_DETACH: Final = 2
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
_SET_DEATH_SIGNAL, _CAPBSET_DROP, _NO_NEW_PRIVS = 1, 24, 38
# CHOWN, DAC_OVERRIDE, FOWNER, FSETID: an administrator's way with files, and no other privilege.
_KEPT: Final = (0, 1, 3, 4)
_KEPT_MASK: Final = sum(1 << number for number in _KEPT)
_LAST_CAPABILITY: Final = 63
_MOST_ENTRIES: Final = 512
_COPIED_BYTES: Final = 1024 * 1024
_PIECE: Final = 65536
_ADDRESS_SPACE: Final = 2 * 1024**3
_SPARE_SECONDS: Final = 5
_SUDO: Final = """#!/bin/sh
while :; do
  case "$1" in
    -n|-E|-H|-S|-k) shift;;
    --) shift; break;;
    -*) echo "sudo $1 can't be tried here" >&2; exit 1;;
    *) break;;
  esac
done
exec "$@"
"""
_libc = ctypes.CDLL(None, use_errno=True)


class NoPreview(Exception):
    """Why there is no preview here."""


def main() -> None:
    """Try what the order says."""
    order = json.load(sys.stdin)
    signal.alarm(int(order["seconds"]) + _SPARE_SECONDS)
    try:
        report = tried(order)
    except NoPreview as reason:
        report = {"trouble": str(reason)}
    except OSError as error:
        report = {"trouble": f"the throw-away copy could not be made or read: {error.strerror or error}"}
    sys.stdout.write(json.dumps(report))
    sys.stdout.flush()
    os._exit(0)


def tried(order: dict[str, Any]) -> dict[str, Any]:
    """What came of it: how it ended, what it printed, and what would be other than it is."""
    enter()
    copy = Overlays(order["megabytes"])
    copy.make()
    unseen = [path for path in copy.unseen if path in order["script"]]
    if unseen:
        raise NoPreview(f"{unseen[0]} can't be shown on a throw-away copy")
    if os.geteuid() == 0:
        _add_sudo()
    Path(ROOT, "run/script").write_text(order["script"], encoding="utf-8", newline="")
    code, printed = _ran(order)
    if code is None:
        raise NoPreview(f"it took longer than {order['seconds']:g} s")
    if os.statvfs(BASE).f_bavail * os.statvfs(BASE).f_frsize < _PIECE:
        raise NoPreview(f"it would write more than {order['megabytes']} MB")
    changes, total = changes_of(copy.layers, copy.made, most=order["changes"], text_bytes=order["text_bytes"])
    return {"exit_code": code, "output": printed.decode("utf-8", "replace"), "changes": changes, "total": total}


def _add_sudo() -> None:
    """Who is the administrator already needs no ``sudo``, which can't work here: what it runs is run as it is."""
    Path(ROOT, "run/bin").mkdir()
    place = Path(ROOT, "run/bin/sudo")
    place.write_text(_SUDO)
    place.chmod(0o755)


def enter() -> None:
    """Into namespaces of our own. User and group ids stay what they are, as far as we may map them."""
    before = Path("/proc/self/ns/user").readlink()
    mapper, begin = _mapper()
    if _libc.unshare(_NEW_ALL) != 0:
        os.write(begin, b"n")
        os.waitpid(mapper, 0)
        raise NoPreview(f"this system allows no namespaces of our own ({os.strerror(ctypes.get_errno())})")
    os.write(begin, b"y")
    if os.waitpid(mapper, 0)[1] != 0 or Path("/proc/self/ns/user").readlink() == before:
        raise NoPreview("this system allows no map of users into namespaces of our own")
    # Nothing in here makes a user namespace of its own, in which it would be privileged again.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    _mount("", "/", "", _REC | _PRIVATE)


def _mapper() -> tuple[int, int]:
    """A child that stays outside and, told to begin, maps our ids: all of them where it may, else our own."""
    wait, begin = os.pipe()
    user, group, parent = os.geteuid(), os.getegid(), os.getpid()
    child = os.fork()
    if child:
        os.close(wait)
        return child, begin
    try:
        if os.read(wait, 1) == b"y":
            if user != 0:
                _write(f"/proc/{parent}/setgroups", "deny")
            _write(f"/proc/{parent}/uid_map", "0 0 4294967295" if user == 0 else f"{user} {user} 1")
            _write(f"/proc/{parent}/gid_map", "0 0 4294967295" if user == 0 else f"{group} {group} 1")
    except OSError:
        os._exit(1)
    os._exit(0)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, text.encode())
    os.close(descriptor)


class Overlays:
    """This machine's directories, copy-on-write, under ``ROOT``.

    ``layers`` are where what is written goes; ``unseen`` are directories that can't be shown and stand empty.
    """

    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes
        self._mounts = _mount_points()
        self.layers: list[Layer] = []
        self.unseen: list[str] = []
        self.made: dict[Path, Made] = {}

    def make(self) -> None:
        """Make it, and what every command needs besides."""
        _mount("tmpfs", BASE, "tmpfs", _NOSUID | _NODEV, f"size={self._megabytes}m,nr_inodes=65536,mode=755")
        for name in ("root", "upper", "work"):
            Path(BASE, name).mkdir(mode=0o755)
        _mount(ROOT, ROOT, "", _BIND)
        self._like("/", ROOT, os.lstat("/"))
        self._split("/")
        for path in HIDDEN:
            Path(ROOT + path).mkdir(mode=0o755, exist_ok=True)
        for name in _DEVICES:
            Path(ROOT, "dev", name).touch()
            _mount(f"/dev/{name}", f"{ROOT}/dev/{name}", "", _BIND)
        for name, leads_to in _LINKS.items():
            Path(ROOT, "dev", name).symlink_to(leads_to)
        if len(self.layers) <= 1:
            raise NoPreview("this system allows no overlay in namespaces of our own")

    def _split(self, path: str) -> None:
        """A directory under which other file systems stand: each entry is shown by itself."""
        names = sorted(entry.name for entry in Path(path).iterdir())
        if len(names) > _MOST_ENTRIES:
            raise NoPreview(f"{path} holds other file systems and too many entries to show each by itself")
        shown: list[str] = []
        for name in names:
            whole = str(Path(path, name))
            if whole not in HIDDEN and self._show(whole):
                shown.append(name)
        self.layers.append(Layer(Path(path), Path(ROOT + path), tuple(shown), is_whole=False))

    def _show(self, path: str) -> bool:
        """Show one entry; whether what becomes of it is seen by its directory's layer."""
        state = os.lstat(path)
        place = ROOT + path
        if stat.S_ISLNK(state.st_mode):
            Path(place).symlink_to(Path(path).readlink())
            self.made[Path(place)] = made_of(Path(place))
            return True
        if stat.S_ISREG(state.st_mode) and state.st_size <= _COPIED_BYTES:
            return self._copy(path, place, state)
        if not stat.S_ISDIR(state.st_mode):
            self.unseen.append(path)
            return False
        Path(place).mkdir()
        self._like(path, place, state)
        if any(mount.startswith(f"{path}/") for mount in self._mounts):
            self._split(path)
        else:
            self._overlay(path, place, state)
        return False

    def _overlay(self, path: str, place: str, state: os.stat_result) -> None:
        number = str(len(self.layers))
        upper, work = f"{BASE}/upper/{number}", f"{BASE}/work/{number}"
        Path(upper).mkdir()
        Path(work).mkdir()
        self._like(path, upper, state)
        lower = path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")
        try:
            _mount(
                "overlay",
                place,
                "overlay",
                _NOSUID | _NODEV,
                f"lowerdir={lower},upperdir={upper},workdir={work},userxattr",
            )
        except OSError:
            self.unseen.append(path)
            return
        self.layers.append(Layer(Path(path), Path(upper), (), is_whole=True))

    def _copy(self, path: str, place: str, state: os.stat_result) -> bool:
        try:
            Path(place).write_bytes(Path(path).read_bytes())
        except PermissionError:
            self.unseen.append(path)
            return False
        self._like(path, place, state)
        return True

    def _like(self, path: str, place: str, state: os.stat_result) -> None:
        """Mode and owner as they are there; where the owner can't be had, we may write if we may there."""
        mode = stat.S_IMODE(state.st_mode)
        with contextlib.suppress(OSError):
            os.chown(place, state.st_uid, state.st_gid)
        if os.geteuid() != 0:
            mode = mode | 0o200 if os.access(path, os.W_OK) else mode & ~0o222
        Path(place).chmod(mode)
        self.made[Path(place)] = made_of(Path(place))


def _mount_points() -> frozenset[str]:
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return frozenset(line.split(" ")[4].replace("\\040", " ") for line in lines)


def _mount(source: str, place: str, kind: str, flags: int, options: str = "") -> None:
    words = [os.fsencode(word) for word in (source, place, kind)]
    if _libc.mount(words[0] or None, words[1], words[2] or None, ctypes.c_ulong(flags), os.fsencode(options) or None):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), place)


def _ran(order: dict[str, Any]) -> tuple[int | None, bytes]:
    """Its exit code, or None where its time was over, and what it printed, up to the limit."""
    source, sink = os.pipe()
    child = os.fork()
    if not child:
        _become(order, sink)
    os.close(sink)
    printed = _read(source, time.monotonic() + order["seconds"], order["output_bytes"])
    if printed is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return None, b""
    # Its output is at its end when all that could write is gone, or has closed it: the rest of it ends here too.
    status = _waited(child, order["seconds"])
    return (None if status is None else os.waitstatus_to_exitcode(status)), printed


def _waited(child: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _read(source: int, until: float, limit: int) -> bytes | None:
    printed = b""
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not selector.select(left):
                return None
            piece = os.read(source, _PIECE)
            if not piece:
                return printed
            printed = (printed + piece)[:limit]
    return None


def _become(order: dict[str, Any], sink: int) -> NoReturn:
    """The script itself, with nothing left of what is ours."""
    try:
        _libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        _leave_for(ROOT)
        empty = os.open("/dev/null", os.O_RDONLY)
        for descriptor, number in ((empty, 0), (sink, 1), (sink, 2)):
            os.dup2(descriptor, number)
        os.closerange(3, 65536)
        _give_up()
        os.chdir(order["directory"] if Path(order["directory"]).is_dir() else "/")
        os.umask(0o022)
        os.execve(order["command"][0], [*order["command"], "/run/script"], order["environment"])  # noqa: S606 - it is what was permitted
    except OSError as error:
        os.write(2, f"{error}".encode())
    finally:
        os._exit(126)


def _leave_for(root: str) -> None:
    """Nothing but the view is left to see."""
    if _libc.unshare(_NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "no mounts of its own")
    _mount("proc", f"{root}/proc", "proc", _RDONLY | _NOSUID | _NODEV | _NOEXEC)
    os.chdir(root)
    if _libc.syscall(_PIVOT_ROOT[os.uname().machine], b".", b".") or _libc.umount2(b".", _DETACH):
        raise OSError(ctypes.get_errno(), "no root of its own")
    os.chdir("/")


def _give_up() -> None:
    """Every privilege but those over files, for good, and whatever could exhaust the machine."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in range(_LAST_CAPABILITY + 1):
        if number not in _KEPT:
            _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)
    kept = _KEPT_MASK if os.geteuid() == 0 else 0
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if _libc.capset(header, data) or _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "its privileges could not be given up")
    for number in (signal.SIGALRM, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(0)


if __name__ == "__main__":
    main()
