"""A read that was misread: whatever it tries to do to this machine fails, and what it reads is the truth."""

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.domain.approval import ApprovedScript
from itops.domain.identity import Person
from itops.domain.result import Result, ResultState
from itops.domain.sandbox import Sandbox, View
from itops.domain.script import Script
from itops.domain.verdict import Decision
from itops.execution.sandbox import Sandboxes, is_there
from itops.execution.system_executor import SystemExecutor
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.policy.sandboxing import Containment
from itops.redaction import Redactor
from itops.scripts.bash_reader import read_bash
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import HERE, approved

Executors = Callable[[str], SystemExecutor]
POLICY = load_policy()
WAYS = ["bubblewrap", "Landlock"]
TIGHT = Sandbox(capabilities=("dac_read_search",), hidden=("/etc/shadow*", "~/.ssh/id_*", "{secret}", "{service}"))
# Each tries to do something to this machine; {…} are things that a fixture makes. All fail.
HARM = {
    "write-etc": "echo x > /etc/itops-test-of-the-sandbox",
    "write-home": "echo x > ~/itops-test-of-the-sandbox",
    "write-tmp": "echo x > /tmp/itops-test-of-the-sandbox",
    "write-shared-memory": "echo x > /dev/shm/itops-test-of-the-sandbox",
    "overwrite": "echo x > {victim}",
    "append": "echo x >> {victim}",
    "remove": "rm -f {victim}",
    "rename": "mv {victim} {victim}.new",
    "truncate": "truncate -s 0 {victim}",
    "link": "ln {victim} {victim}.new",
    "make-directory": "mkdir {victim}.new",
    "permissions": "chmod 777 {victim}",
    "time-stamp": "touch -d 2001-01-01 {victim}",
    "owner": "chown 12345 {victim}",
    "attribute": "setfattr -n user.x -v y {victim} || exit 1",
    "kill": "kill -9 {process}",
    "slow-down": "renice -n 19 -p {process}",
    "read-secret": "cat {secret}",
    "read-shadow": "cat /etc/shadow",
    "call": "exec 3<>/dev/tcp/127.0.0.1/{port}",
    "mount": "mount -t tmpfs none /mnt",
    "device": "mknod {victim}.new b 7 0",
    "own-state": "cat {home}/journal.key",
    "other-attempts": "cat {home}/attempts/other/stdout",
    "become-root-again": "unshare --user --map-root-user mount -o remount,rw /",
}
# What a stranger may ask for without approval, and answers the same inside as outside.
TRUTH = [
    "ps -e -o user=,pid=,comm= | grep -w {process}",
    "ps -o user=,args= -p 1",
    "du -s {truth}",
    "find {truth} -type f | sort",
    "ls -ln {truth} /etc/hostname",
    "stat -c '%U %a %n' /etc/passwd /usr/bin/env",
    "df --output=target | sort",
    "cat {truth}/a.log | sort | tail -n 1",
    "cat /etc/os-release",
    "ip -o addr",
    "ss -tln",
    "cat /proc/net/dev | wc -l",
    "cat /proc/mounts",
    "mount",
    "findmnt -n -o OPTIONS /",
    "lsblk -n",
    "id",
    "hostname",
    "uptime -s",
    "free -m | head -n 1",
    "journalctl --no-pager -n 1",
    "systemctl list-units --no-pager --plain",
    "wc -c < /dev/null",
    "cat <(echo one) - <<< two",
    "head -c 3 /dev/zero | od -c",
    "ipcs -m",
]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if not is_there(name):
        pytest.skip(f"this machine can't confine by {name}: it has no such thing, or the kernel forbids it")
    return name


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "attempts" / "other").mkdir(parents=True)
    (home / "attempts" / "other" / "stdout").write_text("of another attempt")
    (home / "journal.key").write_text("key")
    return home


@pytest.fixture
def things(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """What the scripts are about."""
    (tmp_path / "victim").write_text("whole")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "truth" / "below").mkdir(parents=True)
    (tmp_path / "truth" / "a.log").write_text("b\na\nc\n" * 1000)
    (tmp_path / "truth" / "below" / "private").touch(mode=0o600)
    sleeper = subprocess.Popen([shutil.which("sleep") or "sleep", "600"])
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as service:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        service.bind("service")
        service.listen()
        names = ("victim", "secret", "truth", "service")
        paths: dict[str, object] = {name: tmp_path / name for name in names}
        yield {**paths, "home": home, "process": sleeper.pid, "port": server.getsockname()[1]}
    assert sleeper.poll() is None, "the process outside was killed"
    sleeper.kill()
    sleeper.wait()


def filled(text: str, things: dict[str, object]) -> str:
    for name, value in things.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def executor_of(home: Path, way: str) -> SystemExecutor:
    sandboxes = Sandboxes(home / "attempts", [way] if way else [])
    return SystemExecutor(home / "attempts", SecretKeeper(home), Redactor(), sandboxes=sandboxes)


async def run(executor: SystemExecutor, permitted: ApprovedScript) -> Result:
    return await executor.run(permitted, HERE, attempt="t-1-1-x", stop=asyncio.Event())


@pytest.mark.parametrize("harm", HARM)
async def test_harm_fails(harm: str, way: str, home: Path, things: dict[str, object]) -> None:
    victim = Path(str(things["victim"]))
    before = victim.stat()
    sandbox = TIGHT.model_copy(update={"hidden": tuple(filled(path, things) for path in TIGHT.hidden)})
    result = await run(executor_of(home, way), approved(filled(HARM[harm], things), sandbox=sandbox))
    assert (result.state, result.sandbox) == (ResultState.FAILED, way), result.stdout.text
    assert way in result.note
    assert result.stdout.text == ""
    after = victim.stat()
    assert victim.read_text() == "whole"
    assert (after.st_mode, after.st_uid, after.st_mtime_ns) == (before.st_mode, before.st_uid, before.st_mtime_ns)
    assert not list(victim.parent.glob("victim.new"))
    assert not list(Path("/etc").glob("itops-test*")) + list(Path("/dev/shm").glob("itops-test*"))


@pytest.mark.parametrize(
    "harm", ["overwrite", "remove", "link", "permissions", "read-secret", "call", "other-attempts"]
)
async def test_it_is_the_sandbox_that_stops_it(harm: str, home: Path, things: dict[str, object]) -> None:
    result = await run(executor_of(home, ""), approved(filled(HARM[harm], things)))
    assert (result.state, result.sandbox, result.note) == (ResultState.SUCCEEDED, "", "")


async def test_a_socket_of_power_is_out_of_reach(home: Path, things: dict[str, object]) -> None:
    """Landlock alone can't do this."""
    if not is_there("bubblewrap"):
        pytest.skip("this machine can't confine by bubblewrap")
    call = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    text = f"{sys.executable} -I -S -c '{call}' {things['service']}"
    hidden = (str(things["service"]),)
    for sandbox, state in ((Sandbox(hidden=hidden), ResultState.FAILED), (Sandbox(), ResultState.SUCCEEDED)):
        executor = executor_of(home / str(state), "bubblewrap")
        (home / str(state)).mkdir()
        assert (await run(executor, approved(text, sandbox=sandbox))).state is state


@pytest.mark.parametrize("text", TRUTH)
async def test_answers_are_true(text: str, way: str, home: Path, things: dict[str, object]) -> None:
    """By the policy's own choice of a sandbox. Where this one can't show the truth, it is not taken."""
    if not shutil.which(text.split(maxsplit=1)[0]):
        pytest.skip(f"this machine has no {text.split(maxsplit=1)[0]}")
    inside, outside = executor_of(home, way), executor_of(home / "outside", "")
    containment = Containment(lambda _, sandbox: inside.confines(sandbox))
    engine = PolicyEngine(POLICY, timedelta(minutes=5), containment=containment)
    script = Script(language="bash", text=filled(text, things), targets=(HERE,))
    person, facts, now = Person(id="alice"), read_bash(script.text), datetime.now(UTC)
    verdict = engine.judge(script=script, facts=facts, person=person, auto="read", instance_of=None, now=now)
    if verdict.decision is Decision.ASK:
        assert [reason.rule for reason in verdict.reasons] == ["no-sandbox"], verdict.reasons
        return
    confined = await run(inside, ApprovedScript.permit(script, verdict, None, now=now))
    free = await run(outside, approved(script.text))
    assert (confined.sandbox, free.sandbox) == (way, "")
    assert (confined.stdout.text, confined.exit_code) == (free.stdout.text, free.exit_code), confined.stderr.text


async def test_it_has_a_place_of_its_own(way: str, home: Path) -> None:
    text = 'f=$(mktemp) && echo own > "$f" && cat "$f" && case $f in "$TMPDIR"/*) echo there;; esac; timeout 1 sleep 9'
    executor = executor_of(home, way)
    result = await run(executor, approved(text, sandbox=Sandbox()))
    assert (result.stdout.text, result.exit_code) == ("own\nthere\n", 124)
    await executor.forget("t-1-1-x")
    assert [path.name for path in (home / "attempts" / "t-1-1-x").iterdir()] == ["forgotten"]


async def test_errors_name_the_script_alone(way: str, home: Path) -> None:
    result = await run(executor_of(home, way), approved("no-such-program", sandbox=Sandbox()))
    assert result.stderr.text.startswith("script: line 1: ")


async def test_what_was_refused_is_told(way: str, home: Path) -> None:
    result = await run(executor_of(home, way), approved("echo x > /etc/itops-test", sandbox=Sandbox()))
    assert "refused" in result.note
    other = await run(executor_of(home / "other", way), approved("exit 3", sandbox=Sandbox()))
    assert (way in other.note, "refused" in other.note) == (True, False)


@pytest.mark.parametrize("view", [View.CONTROLS])
async def test_without_its_sandbox_it_does_not_run(view: View, home: Path) -> None:
    executor = executor_of(home, "")
    for sandbox in (Sandbox(), Sandbox(views=(view,))):
        result = await run(executor, approved("echo ran", sandbox=sandbox))
        assert (result.state, result.stdout.text) == (ResultState.UNREACHABLE, "")
    assert not await executor.started("t-1-1-x")
