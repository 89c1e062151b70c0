"""A filter of system calls: what neither a read-only view nor Landlock keeps a command from.

Imported by the program that starts a confined command, which has to load in a millisecond: the standard library alone.
"""

import ctypes
import os
import struct

NO_NEW_PRIVILEGES, SET_FILTER, FILTER = 38, 22, 2
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
EPERM, EAFNOSUPPORT = 1, 97
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
FOREIGN_CALLS = 0x40000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMNS = {"x86_64": 0, "aarch64": 1}
LOCAL_FAMILIES = (1, 16)
SOCKET = (41, 198)

# Each is (number on x86_64, number on aarch64); -1 where there is none.
NEVER = {
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, -1), "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54),
    "utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "file_setattr": (469, 469), "truncate": (76, 45),
    "ptrace": (101, 117), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425), "bpf": (321, 280),
}  # fmt: skip
# The number of the argument that says whom it is about; 0 stands for the caller itself.
OF_OTHERS = {
    "setpriority": (141, 140, 1), "ioprio_set": (251, 30, 1), "prlimit64": (302, 261, 0),
    "sched_setparam": (142, 118, 0), "sched_setscheduler": (144, 119, 0), "sched_setaffinity": (203, 122, 0),
    "sched_setattr": (314, 274, 0),
}  # fmt: skip
SIGNALS = {
    "kill": (62, 129, 0), "tkill": (200, 130, 0), "rt_sigqueueinfo": (129, 138, 0), "pidfd_send_signal": (424, 424, 3),
}  # fmt: skip


class Program(ctypes.Structure):
    """A filter as the kernel takes it."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def is_known() -> bool:
    """Whether the numbers of this machine's system calls are known."""
    return os.uname().machine in ARCHITECTURES


def apply(*, network: bool, signals: bool) -> None:
    """From here on the calls fail, in this process and in what it starts. It has given up its privileges before.

    Args:
        network: Whether it may make sockets of the network; those of this machine it may.
        signals: Whether it may send signals to processes other than those of its group.

    Raises:
        OSError: the kernel refuses; nothing is restricted.
    """
    steps = filter_for(os.uname().machine, network=network, signals=signals)
    memory = ctypes.create_string_buffer(steps)
    program = Program(len(steps) // 8, ctypes.addressof(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_FILTER, ctypes.c_ulong(FILTER), ctypes.byref(program)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def give_up_privileges() -> None:
    """From here on no program gives this process, or what it starts, a right that it does not have.

    Raises:
        OSError: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, *(ctypes.c_ulong(word) for word in (1, 0, 0, 0))):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def filter_for(machine: str, *, network: bool, signals: bool) -> bytes:
    """The filter's steps for a kind of machine."""
    column = COLUMNS[machine]
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, ARCHITECTURES[machine], 1, 0),
        _step(RETURN, ERROR | EPERM),
        _step(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        steps += [_step(AT_LEAST, FOREIGN_CALLS, 0, 1), _step(RETURN, ERROR | EPERM)]
    for call in NEVER.values():
        steps += _unless(call[column], 0, None, EPERM)
    for call in (*OF_OTHERS.values(), *(() if signals else SIGNALS.values())):
        steps += _unless(call[column], call[2], (0,), EPERM)
    if not network:
        steps += _unless(SOCKET[column], 0, LOCAL_FAMILIES, EAFNOSUPPORT)
    return b"".join([*steps, _step(RETURN, ALLOW)])


def _unless(number: int, argument: int, allowed: "tuple[int, ...] | None", error: int) -> list[bytes]:
    """The call fails, but where the argument is one of those allowed."""
    if number < 0:
        return []
    refuse = [_step(RETURN, ERROR | error)]
    if allowed is not None:
        tests = [_step(EQUAL, value, len(allowed) - place, 0) for place, value in enumerate(allowed)]
        refuse = [_step(LOAD, ARGUMENTS + 8 * argument), *tests, *refuse, _step(RETURN, ALLOW)]
    return [_step(EQUAL, number, 0, len(refuse)), *refuse]


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
