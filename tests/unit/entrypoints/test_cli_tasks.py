"""Tasks that outlive a call: each call opens the same folder with an engine of its own."""

import json

import pytest

from itops.domain.event import InstructionRated, SecretRevealed
from itops.domain.instruction import Block, Instruction
from itops.domain.plan import ScriptProposal
from itops.domain.target import Platform
from itops.testing.durable_house import TEXTS
from itops.testing.fake_rooms import FakeAgent, FakeLibrary


def waiting(call) -> dict:
    return call("run", "do it", "--json").json


def approve(call, task: str) -> dict:
    (pending,) = [row for row in call("approvals", "list", "--json").json if row["task"] == task]
    return call("approvals", "approve", pending["id"], "--json").json


def test_tasks_are_listed_newest_first_for_people_and_programs(call, durable):
    first, second = (waiting(call)["task"] for _ in range(2))
    rows = call("tasks", "list", "--json").json
    assert [row["task"] for row in rows] == [second, first]
    assert {row["state"] for row in rows} == {"waiting"}
    assert [row["task"] for row in call("tasks", "list", "--limit", "1", "--json").json] == [second]
    assert first in call("tasks").out


def test_a_task_is_shown_with_all_that_happened(call, durable):
    shown = waiting(call)
    assert call("tasks", "show", shown["task"], "--json").json == shown
    told = call("tasks", "show", shown["task"])
    assert told.code == 0
    assert "Task: do it" in told.out
    assert "Approve exactly this script?" in told.out


def test_watching_a_task_that_waits_ends_where_it_waits(call, durable):
    watched = call("tasks", "watch", waiting(call)["task"])
    assert watched.code == 4
    assert "itops approvals approve" in watched.out


def test_a_task_goes_on_after_each_approval_in_another_call(call, durable):
    task = waiting(call)["task"]
    states = [approve(call, task)["state"] for _ in TEXTS]
    assert states == ["waiting", "waiting", "succeeded"]
    assert (durable / "ran").read_text().split() == list(TEXTS)


def test_a_task_is_cancelled_with_its_reason(call, durable):
    task = waiting(call)["task"]
    cancelled = call("tasks", "cancel", task, "--reason", "enough", "--json")
    assert (cancelled.code, cancelled.json["state"]) == (8, "cancelled")
    assert "enough" in call("tasks", "show", task).out
    assert call("tasks", "cancel", task).code == 2
    assert call("approvals", "list", "--json").json == []


def test_resuming_a_task_that_waits_leaves_it_waiting(call, durable):
    task = waiting(call)["task"]
    assert call("tasks", "resume", task, "--json").json["state"] == "waiting"


def test_an_unknown_task_and_words_that_are_off_are_said(call, durable):
    for words in (["show", "t0"], ["watch", "t0"], ["answer", "t0", "x"], ["cancel", "t0"], ["resume", "t0"]):
        told = call("tasks", *words)
        assert (told.code, told.out) == (2, "")
        assert "There is no task 't0'" in told.err
    told = call("tasks", "resolve", "t0", "--as", "perhaps", "--reason", "x")
    assert "--as takes done or not-done" in told.err
    task = waiting(call)["task"]
    assert "asks nothing" in call("tasks", "answer", task, "x").err
    assert "no unknown outcome" in call("tasks", "resolve", task, "--as", "done", "--reason", "x").err


def test_secrets_are_revealed_once(call, fakes):
    house = fakes(secrets={"password": "s3cret"})
    task = call("run", "do it", "--json")
    assert task.json["secrets"] == {"password": "s3cret"}
    assert [event.name for event in house.journal.events if isinstance(event, SecretRevealed)] == ["password"]
    assert "nothing (more) to reveal" in call("tasks", "reveal", task.json["task"]).out
    assert json.loads(call("tasks", "reveal", task.json["task"], "--json").out) == {}


@pytest.fixture
def done(call, fakes) -> tuple:
    """A task that did what an instruction says, and its house."""
    block = Block(kind="run", language="bash", text="uptime")
    known = Instruction(id="a.b", title="Uptime", platform=Platform.LINUX, blocks=(block,))
    proposal = ScriptProposal(language="bash", text="uptime", instruction=known.ref)
    house = fakes(FakeAgent([proposal]), library=FakeLibrary(known))
    return call("run", "show uptime", "--json").json["task"], house


def test_feedback_is_given_for_people_and_programs(call, done):
    task, house = done
    told = call("tasks", "feedback", task, "outdated", "--comment", "use w", "--instruction", "a.b")
    assert (told.code, told.out.split(",")[0]) == (0, "a.b")
    [rated] = [event for event in house.journal.events if isinstance(event, InstructionRated)]
    assert (rated.task, rated.opinion, rated.comment) == (task, "outdated", "use w")
    assert call("tasks", "feedback", task, "helped", "--json").json[0]["opinion"] == "helped"


def test_feedback_that_makes_no_sense_is_refused(call, done):
    task, house = done
    told = call("tasks", "feedback", task, "meh")
    assert (told.code, told.out) == (2, "")
    assert "Say helped, wrong, outdated, not 'meh'." in told.err
    assert call("tasks", "feedback", task, "wrong", "--instruction", "a.c").code == 2
    assert not any(isinstance(event, InstructionRated) for event in house.journal.events)


def test_a_task_is_saved_as_a_draft_and_shown(call, done):
    task, house = done
    shown = call("tasks", "save", task, "--id", "a.new", "--dry-run")
    assert (shown.code, house.learning.kept) == (0, [])
    assert shown.out.startswith("---\nid: a.new\n")
    assert "No verify block" in shown.err
    saved = call("tasks", "save", task, "--id", "a.new", "--title", "See it", "--json")
    assert saved.json["saved"]
    assert saved.json["text"].count("See it") == 1
    assert [one.id for one in house.learning.kept] == ["a.new"]
    assert "Saved as the draft a.new." in call("tasks", "save", task, "--id", "a.new").err
