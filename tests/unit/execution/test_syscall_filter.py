import struct

import pytest

from itops.execution import syscall_filter

MACHINES = list(syscall_filter.ARCHITECTURES)
ALLOWED, DENIED, NO_FAMILY = syscall_filter.ALLOW, syscall_filter.ERROR | 1, syscall_filter.ERROR | 97


def answer(steps: bytes, number: int, *arguments: int, architecture: int) -> int:
    """What the kernel would make of a call: the filter's four kinds of steps, carried out."""
    words = dict(zip(range(16, 64, 8), arguments, strict=False))
    memory = {0: number, 4: architecture, **words}
    value, place = 0, 0
    program = list(struct.iter_unpack("=HBBI", steps))
    while True:
        code, if_so, if_not, operand = program[place]
        place += 1
        if code == syscall_filter.LOAD:
            value = memory.get(operand, 0)
        elif code == syscall_filter.RETURN:
            return int(operand)
        else:
            holds = value == operand if code == syscall_filter.EQUAL else value >= operand
            place += if_so if holds else if_not


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("network", "signals"), [(True, True), (False, False)])
def test_what_fails(machine: str, network: bool, signals: bool) -> None:
    steps = syscall_filter.filter_for(machine, network=network, signals=signals)
    column, architecture = syscall_filter.COLUMNS[machine], syscall_filter.ARCHITECTURES[machine]

    def ask(number: int, *arguments: int) -> int:
        return answer(steps, number, *arguments, architecture=architecture)

    for call in syscall_filter.NEVER.values():
        assert call[column] < 0 or ask(call[column], 0) == DENIED
    for calls, free in ((syscall_filter.OF_OTHERS, False), (syscall_filter.SIGNALS, signals)):
        for call in calls.values():
            about = [0] * call[2]
            assert ask(call[column], *about, 0) == ALLOWED
            assert ask(call[column], *about, 4711) == (ALLOWED if free else DENIED)
    families = {1: ALLOWED, 16: ALLOWED, 2: NO_FAMILY, 10: NO_FAMILY, 17: NO_FAMILY, 40: NO_FAMILY}
    for family, wanted in families.items():
        assert ask(syscall_filter.SOCKET[column], family) == (ALLOWED if network else wanted)
    for harmless in {0, 1, 3, 63, 64, 79, 220, 221} - {call[column] for call in syscall_filter.NEVER.values()}:
        assert ask(harmless, 4711) == ALLOWED


def test_calls_of_another_kind_fail() -> None:
    steps = syscall_filter.filter_for("x86_64", network=True, signals=True)
    assert answer(steps, 1, architecture=0x40000003) == DENIED
    assert answer(steps, 0x40000001, architecture=syscall_filter.ARCHITECTURES["x86_64"]) == DENIED


def test_the_kernel_takes_it() -> None:
    assert all(len(syscall_filter.filter_for(machine, network=False, signals=False)) < 4096 * 8 for machine in MACHINES)
