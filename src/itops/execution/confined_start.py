"""Confines itself, then becomes the command. A program of its own: nothing of a worker is in it.

Whatever of it fails, the command does not start: exit status 126, and a line on standard error that begins with
``itops:``. It imports only what loads in a millisecond.
"""

import ctypes
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from itops.execution import landlock, syscall_filter
else:
    import landlock
    import syscall_filter

LARGEST_FILE = 256 * 1024 * 1024
CAPSET, CAPABILITY_VERSION = {"x86_64": 126, "aarch64": 91}, 0x20080522
DROP_FROM_BOUNDING, LAST_CAPABILITY = 24, 40
NOT_STARTED = 126


def main() -> None:
    """``PLACE DEVICES ALONE NETWORK CAPABILITIES HIDDEN COMMAND…``; an empty word says no."""
    place, devices, alone, network, capabilities, hidden, *command = sys.argv[1:]
    try:
        limit_files()
        if os.geteuid() == 0:
            keep_capabilities([int(number) for number in capabilities.split()])
        syscall_filter.give_up_privileges()
        scoped = bool(alone) and landlock.version() >= landlock.SCOPED_FROM
        if place:
            landlock.restrict(place, hidden=hidden.split("\n"), devices=bool(devices), alone=scoped)
        elif scoped:
            landlock.keep_to_itself()
        syscall_filter.apply(network=bool(network), signals=scoped)
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"itops: the sandbox could not be made, and nothing ran: {error}\n".encode())
        os._exit(NOT_STARTED)


def limit_files() -> None:
    """No large file, and no core dump."""
    for limit, most in ((resource.RLIMIT_FSIZE, LARGEST_FILE), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(limit)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (least, least))


def keep_capabilities(numbers: list[int]) -> None:
    """Root keeps these at most, and can gain no other.

    Raises:
        OSError: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    kept = sum(1 << number for number in numbers) & permitted_capabilities()
    for number in range(LAST_CAPABILITY + 1):
        if not kept >> number & 1:
            libc.prctl(DROP_FROM_BOUNDING, ctypes.c_ulong(number))
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    low, high = kept & 0xFFFFFFFF, kept >> 32
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    if libc.syscall(CAPSET[os.uname().machine], ctypes.byref(header), ctypes.byref(sets)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def permitted_capabilities() -> int:
    """What this process has."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib takes milliseconds to import
        return next(int(line.split()[1], 16) for line in status if line.startswith("CapPrm"))
