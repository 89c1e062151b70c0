"""What waits or runs when its process dies: nothing is lost, and nothing is done twice."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from itops.domain.result import ResultState
from itops.domain.task import TaskState


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(30)


def state_of(itops, task: str) -> str:
    return itops("tasks", "show", task, "--json").json["state"]


def test_a_killed_process_is_gone_on_from_while_its_command_runs(itops, running, place) -> None:
    """The command outlives its worker; who goes on reads its result and starts nothing again."""
    words = f"Doze under the apple tree for 7373 seconds. Note the word hello in {place}/notes."
    process = itops.start("run", words, "--auto", "change", "--json")
    running("sleep 7373")
    kill(process)
    task = itops.newest()
    going_on = itops.start("tasks", "resume", task, "--json")
    time.sleep(2)
    pids = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if reads(path) == b"sleep\x007373\x00"]
    assert len(pids) == 1
    os.kill(int(pids[0]), signal.SIGKILL)
    ended = itops.end(going_on)
    assert ended.json["state"] == "failed"
    [result] = ended.json["steps"][0]["results"]
    assert (result["state"], result["exit_code"]) == ("failed", 137)
    assert not (place / "notes").exists()


def reads(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_pending_approval_survives_a_killed_process_and_a_worker_takes_it_up(itops, until, place) -> None:
    page = itops.start("worker")
    assert page.stdout.readline()
    task = itops("run", f"note the word hello in {place}/notes", "--json").json
    kill(page)
    worker = itops.start("worker", env={"ITOPS_LEASE_SECONDS": "1"})
    assert worker.stdout.readline()
    time.sleep(2)
    [approval] = itops("approvals", "list", "--json").json
    assert approval["task"] == task["task"]
    approved = itops("approvals", "approve", approval["id"], "--json")
    assert approved.json["state"] == "succeeded"
    assert (place / "notes").read_text() == "hello\n"
    worker.send_signal(signal.SIGTERM)
    assert itops.end(worker).code == 0


def ferry(folder: Path) -> str:
    """A task whose first command ends when ``folder/here`` appears, and whose second writes a line."""
    return f"Wait for the ferry at {folder}/here. Note the word hello in {folder}/notes."


def test_a_worker_alone_goes_on_with_what_a_killed_process_left(itops, home, running, until, place) -> None:
    process = itops.start("run", ferry(place), "--auto", "change", "--json")
    running(f"{home}/attempts/")
    kill(process)
    worker = itops.start("worker", env={"ITOPS_LEASE_SECONDS": "1"})
    (place / "here").touch()
    task = itops.newest()
    until(lambda: state_of(itops, task) == "succeeded")
    assert (place / "notes").read_text() == "hello\n"
    worker.send_signal(signal.SIGTERM)
    assert itops.end(worker).code == 0


def test_a_question_survives_a_killed_process(itops, until) -> None:
    process = itops.start("run", "unlock the account", "--dry-run", "--json")
    task = itops.newest()
    until(lambda: state_of(itops, task) == "waiting")
    kill(process)
    answered = itops("tasks", "answer", task, "root", "--json")
    assert (answered.code, answered.json["state"]) == (0, "planned")


def test_a_process_that_lives_keeps_its_task(itops, home, running, place) -> None:
    process = itops.start("run", ferry(place), "--auto", "change", "--json")
    running(f"{home}/attempts/")
    worker = itops.start("worker", env={"ITOPS_LEASE_SECONDS": "1"})
    assert worker.stdout.readline()
    resumed = itops.start("tasks", "resume", itops.newest(), "--json")
    time.sleep(2)
    (place / "here").touch()
    first, second = itops.end(process), itops.end(resumed)
    assert (first.code, second.code) == (0, 0)
    assert first.json["task"] == second.json["task"]
    assert (place / "notes").read_text() == "hello\n"
    worker.send_signal(signal.SIGTERM)
    assert itops.end(worker).code == 0


def reboot(home: Path, running, process: "subprocess.Popen[bytes]") -> None:
    """Leave what a power cut leaves: an attempt of another boot, no wrapper, no command, no outcome."""
    kill(process)
    [order] = home.glob("attempts/*/order")
    for path in Path("/proc").glob("[0-9]*/environ"):
        if str(order.parent).encode() in reads(path) + reads(path.with_name("cmdline")):
            os.kill(int(path.parent.name), signal.SIGKILL)
    running(str(order.parent), is_there=False)
    order.write_text(json.dumps({**json.loads(order.read_text()), "boot": "of-another-day"}))
    assert not (order.parent / "outcome").exists()


@pytest.mark.parametrize(("seen", "code", "state"), [("done", 0, "succeeded"), ("not-done", 1, "failed")])
def test_after_a_reboot_a_person_looks_and_says(itops, home, running, place, seen, code, state) -> None:
    folder = place / "own"
    folder.mkdir()
    text = Path(__file__).with_name("instructions").joinpath("doze.md").read_text()
    text = text.replace("effect: read", "effect: change").replace("play.doze", "play.slow").replace("Doze", "Slumber")
    text = text.replace("doze", "slumber").replace(
        "sleep {{ seconds }}", f"sleep {{{{ seconds }}}} && touch {folder}/x"
    )
    (folder / "slow.md").write_text(text)
    assert itops("instructions", "sync", str(folder), "--publish").code == 0
    process = itops.start("run", "slumber under the apple tree for 7474 seconds", "--auto", "change", "--json")
    running("sleep 7474")
    task = itops.newest()
    reboot(home, running, process)

    found = itops("tasks", "resume", task, "--json")
    assert found.code == 5
    assert found.json["state"] == "unknown"
    assert found.json["steps"][0]["results"][0]["state"] == "unknown"
    assert "restarted" in found.json["steps"][0]["results"][0]["note"]
    assert "tasks resolve" in found.json["question"]
    assert itops("tasks", "resolve", task, "--as", seen, "--reason", " ").code == 2
    resolved = itops("tasks", "resolve", task, "--as", seen, "--reason", "I looked", "--json")
    assert (resolved.code, resolved.json["state"]) == (code, state)
    assert itops("tasks", "resolve", task, "--as", seen, "--reason", "again").code == 2
    assert itops("audit", "verify").code == 0
    assert not (folder / "x").exists()


def test_after_a_reboot_a_read_is_done_again_by_itself(itops, home, running, place) -> None:
    process = itops.start("run", f"wait for the ferry at {place}/here", "--json")
    running(f"{home}/attempts/")
    task = itops.newest()
    reboot(home, running, process)
    (place / "here").touch()
    done = itops("tasks", "resume", task, "--json")
    assert (done.code, done.json["state"]) == (0, "succeeded")
    assert len(list(home.glob("attempts/*"))) == 2


async def test_a_house_that_is_opened_again_knows_what_was(visit, place) -> None:
    first = visit()
    asked = await first.run(f"note the word hello in {place}/notes")
    first.house.close()
    second = visit()
    assert [view.id for view in await second.app.tasks()] == [asked.id]
    [approval] = await second.app.approvals()
    assert approval.id == asked.approval.id
    ended = await second.decide(asked, approve=True)
    assert ended.state is TaskState.SUCCEEDED
    assert {result.state for action in ended.actions.values() for result in action.results.values()} == {
        ResultState.SUCCEEDED
    }


def test_the_audit_chain_is_whole_and_names_the_link_that_was_edited(itops, home) -> None:
    assert itops("run", "show uptime").code == 0
    assert itops("run", "show memory usage").code == 0
    whole = itops("audit", "verify", "--json")
    assert (whole.code, whole.json["ok"]) == (0, True)
    exported = itops("audit", "export").out.splitlines()
    assert len(exported) == whole.json["checked"]
    with sqlite3.connect(home / "itops.db") as database:
        [(seq, content)] = database.execute(
            "SELECT seq, body FROM events WHERE kind = 'run.finished' ORDER BY seq LIMIT 1"
        ).fetchall()
        database.execute("UPDATE events SET body = ? WHERE seq = ?", (content.replace("succeeded", "failed"), seq))
    broken = itops("audit", "verify", "--json")
    assert (broken.code, broken.json["ok"], broken.json["broken_at"]) == (1, False, seq)
    assert broken.json["problem"]
    assert str(seq) in itops("audit", "verify").out
