import os
import subprocess
import sys
from pathlib import Path

import pytest

from itops.execution import landlock, sandbox, syscall_filter

START = sandbox._START
FOLDER = str(Path(sandbox.__file__).parent)


def start(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", "-S", "-c", START, FOLDER, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_sandbox_that_can_not_be_made_starts_nothing() -> None:
    done = start("", "", "alone", "network", "", "", "/no/such/program")
    assert (done.returncode, done.stdout) == (126, "")
    assert done.stderr.startswith("itops: the sandbox could not be made, and nothing ran: ")


def test_what_is_left_of_rights() -> None:
    if not syscall_filter.is_known():
        pytest.skip("this machine's system calls are not known")
    done = start("", "", "alone", "", "2 19", "", "/bin/bash", "-c", "cat /proc/self/status; ulimit -f; ulimit -c")
    lines = done.stdout.split("\n")
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
    assert lines[-3:-1] == [str(256 * 1024), "0"]
    if os.geteuid() == 0:
        allowed = (1 << 2) | (1 << 19)
        assert int(fields["CapEff"], 16) | allowed == allowed
        assert int(fields["CapBnd"], 16) | allowed == allowed


@pytest.mark.parametrize(("alone", "network"), [("alone", ""), ("", "network"), ("", "")])
def test_no_signal_leaves_it(alone: str, network: str) -> None:
    if not syscall_filter.is_known():
        pytest.skip("this machine's system calls are not known")
    own = "sleep 9 & kill $! && echo own" if alone and landlock.version() >= landlock.SCOPED_FROM else "echo own"
    done = start("", "", alone, network, "", "", "/bin/bash", "-c", f"kill -0 {os.getpid()} || echo refused; {own}")
    assert done.stdout == "refused\nown\n"
