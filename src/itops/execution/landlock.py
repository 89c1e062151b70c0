"""Landlock, by its system calls: from here on this process and what it starts may only read, and not everything.

Imported by the program that starts a confined command, which has to load in a millisecond: the standard library alone.
"""

import ctypes
import os

CREATE, ADD_RULE, RESTRICT = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = 1, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
LOOK = EXECUTE | READ_FILE
OF_FILES = LOOK | WRITE_FILE | TRUNCATE | IOCTL_DEV
# The rights on files that each version of Landlock knows: bit for bit, the first 13, then one more with 2, 3 and 5.
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
SCOPED_FROM = 6
ABSTRACT_SOCKETS, SIGNALS = 1, 1 << 1
WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")


class Ruleset(ctypes.Structure):
    """What is forbidden unless a rule allows it."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    """What is allowed on a file, or on everything beneath a directory."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Which version the kernel has; 0 where it has none or is told not to use it."""
    return max(0, int(_libc().syscall(CREATE, None, 0, VERSION)))


def restrict(place: str, *, hidden: list[str], devices: bool, alone: bool) -> None:
    """Read everything but what is hidden; write to ``place/tmp`` alone.

    Args:
        place: A directory that may be read even where it stands in a hidden one.
        hidden: Paths whose contents may not be read.
        devices: Whether devices may be asked (``ioctl``) as well as read.
        alone: Whether no signal and no abstract socket may reach a process outside.

    Raises:
        OSError: the kernel refuses; nothing is restricted.
    """
    handled = RIGHTS[min(version(), 5)]
    ruleset = _create(Ruleset(handled, 0, ABSTRACT_SOCKETS | SIGNALS if alone else 0))
    _allow(ruleset, "/", READ_DIR)
    look = (LOOK | IOCTL_DEV if devices else LOOK) & handled
    away = [os.path.realpath(path) for path in hidden if path]
    _allow_all_but(ruleset, "/", away, look)
    _allow(ruleset, place, LOOK)
    _allow(ruleset, f"{place}/tmp", handled)  # noqa: S108 - a directory of the attempt
    for path in WRITABLE_DEVICES:
        _allow(ruleset, path, (WRITE_FILE | TRUNCATE) & handled)
    _enforce(ruleset)


def keep_to_itself() -> None:
    """No signal and no abstract socket reaches a process outside; everything else stays as it is.

    Raises:
        OSError: the kernel refuses; nothing is restricted.
    """
    _enforce(_create(Ruleset(0, 0, ABSTRACT_SOCKETS | SIGNALS)))


def _allow_all_but(ruleset: int, directory: str, hidden: list[str], allowed: int) -> None:
    """Rules can only allow: so beside the way to each hidden path, everything is allowed entry by entry."""
    for entry in _entries(directory):
        if entry in hidden:
            continue
        if any(path.startswith(f"{entry}/") for path in hidden):
            _allow_all_but(ruleset, entry, hidden, allowed)
        elif not os.path.islink(entry):  # noqa: PTH114 - pathlib takes milliseconds to import
            _allow(ruleset, entry, allowed)


def _entries(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)  # noqa: PTH208 - pathlib takes milliseconds to import
    except OSError:
        return []
    return [f"{directory.rstrip('/')}/{name}" for name in names]


def _create(ruleset: Ruleset) -> int:
    # Each version takes as many bytes as it knows; what a newer one would forbid is 0 here and left out.
    size = 24 if ruleset.scoped else 8
    return _checked(_libc().syscall(CREATE, ctypes.byref(ruleset), ctypes.c_size_t(size), 0))


def _allow(ruleset: int, path: str, allowed: int) -> None:
    """A path that can't be opened stays forbidden."""
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_directory = os.path.isdir(path)  # noqa: PTH112 - pathlib takes milliseconds to import
        rule = Beneath(allowed if is_directory else allowed & OF_FILES, parent)
        _checked(_libc().syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(parent)


def _enforce(ruleset: int) -> None:
    _checked(_libc().syscall(RESTRICT, ruleset, 0))
    os.close(ruleset)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
