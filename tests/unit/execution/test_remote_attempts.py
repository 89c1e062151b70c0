"""The text for the far side, run by the shells that may stand there; no server between."""

import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.result import Result, ResultState
from itops.domain.script import Limits
from itops.domain.secret import Secret
from itops.execution.process_runner import Show
from itops.execution.remote_attempts import (
    Inquiry,
    Mode,
    RemoteOrder,
    inquiry,
    read_answer,
    read_remote_result,
    runs,
)
from itops.testing.approved_scripts import approved

SHELLS = [
    pytest.param(words, id=words[0], marks=pytest.mark.skipif(not shutil.which(words[0]), reason="not installed"))
    for words in (("dash",), ("bash", "--posix"), ("busybox", "sh"))
]


class Machine:
    """A home directory and a shell."""

    def __init__(self, home: Path, shell: tuple[str, ...], **environment: str) -> None:
        self.home, self.shell = home, shell
        self.environment = {"HOME": str(home), "USER": "someone", "PATH": os.environ["PATH"], **environment}

    def hand(self, text: bytes) -> "subprocess.CompletedProcess[bytes]":
        command = [*self.shell, "-s"]
        return subprocess.run(
            command, input=text, capture_output=True, env=self.environment, start_new_session=True, check=False
        )

    def ask(self, text: str, mode: Mode = "run", *, attempt: str = "t-1-1-x", age: float = 0, **fields) -> Result:
        limits = fields.pop("limits", Limits())
        order = RemoteOrder(attempt, hashlib.sha256(text.encode()).hexdigest(), "bash", text, limits, **fields)
        asked = inquiry(order, mode, age_seconds=age)
        done = self.hand(asked.text)
        answer = read_answer(asked.nonce, done.stdout, done.stderr)
        assert answer, done
        script = approved(text, limits=limits).script
        return read_remote_result(answer, script, ("x", attempt), lambda path: Show(lambda it: it, script=path))


@pytest.fixture(params=SHELLS)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return Machine(tmp_path, request.param)


def test_two_at_once_run_it_once(machine: Machine) -> None:
    results: list[Result] = []
    text = "echo x >> ~/lines; sleep 0.3; echo done"
    threads = [threading.Thread(target=lambda: results.append(machine.ask(text))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result.model_dump_json() for result in results} == {results[0].model_dump_json()}
    assert results[0].stdout.text == "done\n"
    assert (machine.home / "lines").read_text() == "x\n"


@given(cut=st.integers(0, 20_000))
def test_a_text_that_was_cut_runs_nothing(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    machine = Machine(tmp_path_factory.mktemp("home"), ("sh",))
    asked = inquiry(RemoteOrder("t-1-1-x", "d", "bash", "touch ~/ran", Limits()), "run")
    machine.hand(asked.text[: min(cut, len(asked.text) - len("itops_main </dev/null\n"))])
    assert not (machine.home / "ran").exists()
    assert not (machine.home / ".itops").exists()


def test_void_sees_that_it_never_starts(machine: Machine) -> None:
    assert machine.ask("touch ~/ran", "void").state is ResultState.CANCELLED
    assert machine.ask("touch ~/ran").state is ResultState.CANCELLED
    assert not (machine.home / "ran").exists()


def test_another_script_is_not_taken_for_it(machine: Machine) -> None:
    machine.ask("echo one")
    order = RemoteOrder("t-1-1-x", "another", "bash", "echo two", Limits())
    asked = inquiry(order, "run")
    done = machine.hand(asked.text)
    answer = read_answer(asked.nonce, done.stdout, done.stderr)
    assert answer
    assert answer.words == ("other",)


def test_a_machine_that_started_since_it_was_sent(machine: Machine) -> None:
    result = machine.ask("touch ~/ran", age=10.0**9)
    assert result.state is ResultState.UNKNOWN
    assert "may have run" in result.note
    assert not (machine.home / "ran").exists()
    assert machine.ask("touch ~/ran").state is ResultState.UNKNOWN


def test_what_was_forgotten_does_not_run_again(machine: Machine) -> None:
    machine.ask("echo x >> ~/lines")
    order = RemoteOrder("t-1-1-x", "", "bash", "", Limits())
    asked = inquiry(order, "forget")
    assert b"cleared" in machine.hand(asked.text).stdout
    assert [path.name for path in (machine.home / ".itops/attempts/t-1-1-x").iterdir()] == ["forgotten"]
    assert machine.ask("echo x >> ~/lines").state is ResultState.UNKNOWN
    assert (machine.home / "lines").read_text() == "x\n"


def test_a_home_that_cant_be_written(machine: Machine) -> None:
    machine.environment["HOME"] = "/proc"
    result = machine.ask("true")
    assert result.state is ResultState.UNREACHABLE
    assert "can't be recorded" in result.note


def test_a_missing_interpreter(machine: Machine) -> None:
    tools = machine.home / "tools"
    tools.mkdir()
    asked = inquiry(RemoteOrder("t-1-1-x", "d", "powershell", "Get-Date", Limits()), "run")
    if shutil.which("pwsh"):
        pytest.skip("PowerShell is installed")
    done = machine.hand(asked.text)
    answer = read_answer(asked.nonce, done.stdout, done.stderr)
    assert answer
    assert answer.words == ("trouble", "interpreter", "pwsh")
    assert not (machine.home / ".itops").exists()


def test_a_big_output_takes_no_big_file(machine: Machine) -> None:
    size = 200_000_000
    result = machine.ask(f"head -c {size} /dev/zero; echo end", limits=Limits(output_limit_bytes=100_000))
    assert result.stdout.length == size + 4
    assert result.stdout.sha256 == hashlib.sha256(bytes(size) + b"end\n").hexdigest()
    assert result.stdout.text.endswith("end\n")
    kept = sum(path.stat().st_size for path in (machine.home / ".itops/attempts/t-1-1-x").iterdir())
    assert kept < 300_000


def test_many_small_outputs_are_all_there(machine: Machine) -> None:
    text = "for i in $(seq 3000); do echo $i; done"
    result = machine.ask(text, limits=Limits(output_limit_bytes=4000))
    whole = "".join(f"{number}\n" for number in range(1, 3001)).encode()
    assert (result.stdout.length, result.stdout.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())


def test_input_comes_as_it_is(machine: Machine) -> None:
    value = 'it\'s \\n $(touch ~/ran) `x` "q" %s é\n'
    assert machine.ask("cat", stdin=Secret(value)).stdout.text == value
    assert not (machine.home / "ran").exists()


def test_a_secret_is_in_no_argument_list(machine: Machine) -> None:
    text = "read -r v; cat /proc/*/cmdline /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c \"[z]${v#z}\""
    assert machine.ask(text, stdin=Secret("zebra-hunter-77\n")).stdout.text == "0\n"


def test_what_sudo_asks_for(machine: Machine) -> None:
    """The helper says the password to whoever asks, as often as asked; afterwards nothing of it is left."""
    result = machine.ask('"$SUDO_ASKPASS"; "$SUDO_ASKPASS"; ls -l "$SUDO_ASKPASS"', sudo_password=Secret("open sesame"))
    assert result.stdout.text.splitlines()[:2] == ["open sesame"] * 2
    place = machine.home / ".itops/attempts/t-1-1-x"
    assert not {"ask", "askpass"} & {path.name for path in place.iterdir()}
    assert not any(
        b"sesame" in path.read_bytes() for path in place.iterdir() if path.is_file() and path.name != "stdout"
    )


def test_late_and_endless_output(machine: Machine) -> None:
    assert machine.ask("(sleep 0.3; echo late) & echo early").stdout.text == "early\nlate\n"
    endless = "(while :; do echo x; sleep 0.1; done) & echo $!"
    result = machine.ask(endless, attempt="t-2-1-x", limits=Limits(time_limit_seconds=1.5))
    assert result.state is ResultState.SUCCEEDED
    assert "background" in result.note
    os.kill(int(next(line for line in result.stdout.text.splitlines() if line != "x")), signal.SIGKILL)


def test_output_all_along_is_not_idle(machine: Machine) -> None:
    text = "for i in 1 2 3 4 5; do echo $i; sleep 0.4; done"
    assert machine.ask(text, limits=Limits(idle_limit_seconds=1.5)).state is ResultState.SUCCEEDED


def test_signals_are_as_at_a_shell(machine: Machine) -> None:
    result = machine.ask("yes | head -1; echo ${PIPESTATUS[0]}; umask; grep SigIgn /proc/self/status")
    *usual, ignored = result.stdout.text.splitlines()
    assert usual == ["y", "141", "0022"]
    assert int(ignored.split()[1], 16) & 0x7FFFFFFF == 0


def test_a_time_limit_ends_what_hides(machine: Machine) -> None:
    text = "(trap '' TERM; setsid bash -c 'trap \"\" TERM; sleep 3; echo x >> ~/lines' & sleep 60) & wait"
    result = machine.ask(text, limits=Limits(time_limit_seconds=0.3), grace_seconds=0.3)
    assert result.state is ResultState.TIMED_OUT
    time.sleep(3)
    assert not (machine.home / "lines").exists()


def test_an_answer_starts_behind_what_the_account_prints_first() -> None:
    asked = Inquiry(b"", "itops-1")
    noise = b"Welcome!\nThis is itops-1 on the line of another \n"
    answer = read_answer(asked.nonce, noise + b"\nitops-1 killed 2\nrest", b"motd\n\nitops-1\nerr")
    assert answer
    assert (answer.words, answer.stdout, answer.stderr) == (("killed", "2"), b"rest", b"err")
    assert read_answer("itops-2", noise, b"") is None


def test_languages() -> None:
    assert runs("bash")
    assert not runs("aws")
