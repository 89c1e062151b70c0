"""A change waits for a person: in another process, at a terminal, or too long."""

import asyncio
import os
import pty
import select
import time
from pathlib import Path

from itops.domain.task import TaskState
from itops.domain.verdict import Decision


def note(folder: Path) -> str:
    return f"note the word hello in {folder}/notes"


def test_approved_in_another_process_it_goes_on_by_itself_and_runs_once(itops, place) -> None:
    waiting = itops("run", note(place), "--json")
    assert waiting.code == 4
    task = waiting.json
    assert task["state"] == "waiting"
    assert task["steps"][0]["approval"]["state"] == "pending"
    [listed] = itops("approvals", "list", "--json").json
    assert listed["id"] in task["question"]
    assert (listed["task"], listed["targets"], listed["effect"]) == (task["task"], ["local"], "change")
    assert listed["digest"] == task["steps"][0]["script"]["digest"]
    shown = itops("approvals", "show", listed["id"])
    assert "printf" in shown.out
    assert not (place / "notes").exists()
    approved = itops("approvals", "approve", listed["id"], "--reason", "it is time", "--json")
    assert approved.code == 0
    assert approved.json["state"] == "succeeded"
    assert approved.json["steps"][0]["approval"]["reason"] == "it is time"
    assert [step["results"][0]["state"] for step in approved.json["steps"]] == ["succeeded", "succeeded"]
    assert (place / "notes").read_text() == "hello\n"
    assert itops("approvals", "list", "--json").json == []
    again = itops("approvals", "approve", listed["id"])
    assert again.code == 2
    assert "approved by" in again.err
    assert (place / "notes").read_text() == "hello\n"


def test_rejected_nothing_runs(itops, place) -> None:
    task = itops("run", note(place), "--json").json
    approval = task["steps"][0]["approval"]["id"]
    assert itops("approvals", "reject", approval).code == 2
    assert itops("approvals", "reject", approval, "--reason", " ").code == 2
    rejected = itops("approvals", "reject", approval, "--reason", "not today", "--json")
    assert rejected.code == 0
    assert rejected.json["state"] == "cancelled"
    assert "not today" in rejected.json["answer"]
    assert itops("tasks", "watch", task["task"], "--json").code == 8
    assert not (place / "notes").exists()


def test_an_unknown_approval_is_a_wrong_word(itops) -> None:
    done = itops("approvals", "approve", "t000-1.1")
    assert done.code == 2
    assert "t000-1.1" in done.err


def test_an_approval_that_expired_permits_nothing(itops, place) -> None:
    brief = {"ITOPS_APPROVAL_MINUTES": "0.002"}
    task = itops("run", note(place), "--json", env=brief).json
    late = itops("approvals", "approve", task["steps"][0]["approval"]["id"], env=brief)
    assert late.code == 2
    assert "expired" in late.err
    ended = itops("tasks", "resume", task["task"], "--json", env=brief)
    assert ended.code == 8
    assert ended.json["steps"][0]["approval"]["state"] == "expired"
    assert not (place / "notes").exists()


async def test_where_the_process_lives_on_the_task_ends_when_its_approval_expires(visit, place) -> None:
    here = visit(approval_minutes=0.01)
    view = await here.run(note(place))
    assert view.state is TaskState.WAITING
    view = await asyncio.wait_for(here.next_pause(view), 60)
    assert view.state is TaskState.CANCELLED
    assert "nobody decided in time" in view.ended.because
    assert not (place / "notes").exists()


async def test_without_auto_a_read_is_asked_for_too(visit) -> None:
    here = visit()
    view = await here.run("show uptime", auto="none")
    assert view.state is TaskState.WAITING
    [action] = view.actions.values()
    assert (action.verdict.decision, action.verdict.effect.value) == (Decision.ASK, "read")
    view = await here.decide(view, approve=True)
    assert view.state is TaskState.SUCCEEDED


async def test_each_script_is_approved_for_itself(visit, place) -> None:
    here = visit()
    view = await here.run(f"note the word hello in {place}/notes and note the word world in {place}/notes")
    first = view.approval
    view = await here.decide(view, approve=True)
    assert view.state is TaskState.WAITING
    assert view.approval.digest != first.digest
    assert (place / "notes").read_text() == "hello\n"
    view = await here.decide(view, approve=False, reason="one word is enough")
    assert view.state is TaskState.CANCELLED
    assert (place / "notes").read_text() == "hello\n"


def test_at_a_terminal_it_asks_and_takes_yes_for_an_answer(itops, place) -> None:
    said, code = at_terminal(itops, place, [("[y/N]", "y\n")])
    assert code == 0, said
    assert (place / "notes").read_text() == "hello\n"


def test_at_a_terminal_anything_but_yes_is_a_no(itops, place) -> None:
    said, code = at_terminal(itops, place, [("[y/N]", "\n"), ("Why not?", "too late\n")])
    assert code == 8, said
    assert "too late" in said
    assert not (place / "notes").exists()


def at_terminal(itops, folder: Path, answers: list[tuple[str, str]]) -> tuple[str, int]:
    """A run with a person at a terminal, who says these things when they are asked."""
    ours, theirs = pty.openpty()
    process = itops.start("run", note(folder), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said, deadline = "", time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                said += os.read(ours, 65536).decode()
            except OSError:
                break
        if answers and answers[0][0] in said:
            os.write(ours, answers.pop(0)[1].encode())
    code = process.wait(60)
    os.close(ours)
    return said, code
