"""What the library learns from use, through the command line: feedback, statistics, a task saved as a draft."""

import json
from pathlib import Path

import pytest

from itops.testing.openai_server import ModelReply, smart


@pytest.fixture
def wrote(itops, model):
    """``wrote(words, script)`` is the finished task of a model that wrote this script, which a person approved."""

    def run(words: str, script: str) -> str:
        said = {"action": "script", "instruction": "", "parameters": {}, "script": script, "reason": "so"}
        reply = ModelReply(json.dumps(said))
        model(lambda request: reply if '"action"' in request["messages"][0]["content"] else smart(request))
        task = itops("run", words, "--json").json
        while task["state"] == "waiting":
            asked = next(one["approval"]["id"] for one in task["steps"] if one["approval"]["state"] == "pending")
            task = itops("approvals", "approve", asked, "--json").json
        assert task["state"] == "succeeded", task
        return task["task"]

    return run


def row(itops, identity: str) -> dict:
    found = itops("instructions", "stats", "--json").json
    return next(one for one in found["instructions"] if one["id"] == identity)


def test_feedback_counts_in_the_statistics_and_lists_what_to_review(itops, place) -> None:
    done = itops("run", f"note the word otter in {place}/words", "--json").json
    task = itops("approvals", "approve", done["steps"][0]["approval"]["id"], "--json").json
    assert task["state"] == "succeeded"
    for opinion in ("helped", "wrong"):
        assert itops("tasks", "feedback", task["task"], opinion, "--comment", "wrong file").code == 0
    used = row(itops, "play.note")
    assert (used["uses"], used["succeeded"], used["asked"]) == (1, 1, 1)
    assert (used["helped"], used["wrong"], used["outdated"]) == (0, 1, 0)
    review = itops("instructions", "stats", "--json").json["review"]
    assert [(one["id"], "wrong file" in str(one["reasons"])) for one in review] == [("play.note", True)]
    shown = itops("tasks", "show", task["task"])
    assert "says of play.note: wrong: wrong file" in shown.out
    assert itops("audit", "verify").code == 0


def test_feedback_needs_a_use(itops) -> None:
    missing = itops("run", "Paint the office green")
    assert missing.code == 7
    task = itops("tasks", "list", "--json").json[0]["task"]
    refused = itops("tasks", "feedback", task, "wrong")
    assert (refused.code, refused.out) == (2, "")
    assert "did not use an instruction" in refused.err
    found = itops("instructions", "stats", "--json").json
    assert (found["tasks"], found["without_instruction"]) == (1, 1)
    assert {"paint", "office", "green"} <= {one["word"] for one in found["missing_words"]}


def test_what_a_model_wrote_is_saved_reviewed_and_then_runs_without_a_model(itops, wrote, monkeypatch, place) -> None:
    task = wrote(f"Create the directory {place}/first", f'mkdir "{place}/first" && touch {place}/first/ledger')
    saved = itops(
        "tasks",
        "save",
        task,
        "--id",
        "acme.ledger.put",
        "--title",
        "Put an empty ledger into a new directory",
        "--json",
    )
    assert saved.code == 0, saved.err
    assert saved.json["findings"] == []
    assert "mkdir {{ path }} && touch {{ path }}/ledger" in saved.json["text"]
    assert "test -d {{ path }} &&\ntest -e {{ path }}/ledger" in saved.json["text"]
    assert f"Saved from task {task}" in saved.json["text"]
    review = itops("instructions", "stats", "--json").json["review"]
    assert [one["id"] for one in review] == ["acme.ledger.put"]
    assert itops("tasks", "save", task, "--id", "acme.ledger.put").code == 2
    assert itops("instructions", "publish", "acme.ledger.put").code == 0
    monkeypatch.delenv("ITOPS_LLM")
    again = itops("run", f"put an empty ledger into the new directory {place}/second", "--auto", "change", "--json")
    assert again.json["plan"][0]["instruction"] == "acme.ledger.put"
    assert (again.code, again.json["state"]) == (0, "succeeded")
    assert Path(place, "second", "ledger").exists()
    assert row(itops, "acme.ledger.put")["uses"] == 1


def test_a_task_that_only_did_what_an_instruction_says_is_not_saved(itops, place) -> None:
    done = itops("run", "Which directories under /var use the most space?", "--json").json
    refused = itops("tasks", "save", done["task"], "--id", "acme.again")
    assert refused.code == 2
    assert "exactly what the instruction linux.disk.directory-usage says" in refused.err


def test_a_secret_in_a_script_is_not_saved(itops, wrote, place) -> None:
    task = wrote(f"Create the directory {place}/x", f"true\necho password=hunter2abc > {place}/x")
    refused = itops("tasks", "save", task, "--id", "acme.secret")
    assert refused.code == 2
    assert "script 1 of the task, line 2" in refused.err
    assert itops("instructions", "show", "acme.secret").code == 2
