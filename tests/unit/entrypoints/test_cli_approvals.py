import pytest

from itops.entrypoints.session import local_person


@pytest.fixture
def asked(call, durable) -> str:
    """The approval that a task waits for."""
    call("run", "do it")
    (row,) = call("approvals", "list", "--json").json
    return row["id"]


def test_what_waits_is_listed_with_what_would_run_where(call, asked):
    (row,) = call("approvals", "list", "--json").json
    assert (row["id"], row["state"], row["targets"], row["effect"]) == (asked, "pending", ["local"], "change")
    assert row["requester"] == local_person().id
    assert len(row["digest"]) == 64
    table = call("approvals").out
    assert asked in table
    assert row["digest"] not in table


def test_an_approval_is_shown_with_its_exact_script_alone(call, asked):
    shown = call("approvals", "show", asked, "--json").json
    assert (shown["script"]["text"], shown["verdict"]["verdict"]) == ("first", "ask")
    told = call("approvals", "show", asked)
    assert "    first\n" in told.out
    assert "Verdict: ask" in told.out
    assert "Task: do it" not in told.out


def test_an_approval_is_used_by_its_task_alone_and_decided_once(call, asked, durable):
    decided = call("approvals", "approve", asked, "--reason", "fine", "--json")
    assert decided.code == 4, "the next script waits"
    assert decided.json["steps"][0]["approval"]["state"] in ("approved", "redeemed")
    assert (durable / "ran").read_text() == "first\n"
    again = call("approvals", "approve", asked)
    assert again.code == 2
    assert "was approved by" in again.err
    (row,) = call("approvals", "list", "--json").json
    assert row["id"] != asked


def test_a_rejection_wants_a_reason_and_is_no_error(call, asked, durable):
    assert call("approvals", "reject", asked).code == 2
    assert call("approvals", "reject", asked, "--reason", " ").code == 2
    rejected = call("approvals", "reject", asked, "--reason", "not today")
    assert rejected.code == 0
    assert "not today" in rejected.out
    assert not (durable / "ran").exists()


def test_an_unknown_approval_is_said(call, durable):
    for words in (["show", "a0"], ["approve", "a0"], ["reject", "a0", "--reason", "x"]):
        told = call("approvals", *words)
        assert (told.code, told.out) == (2, "")
        assert "There is no approval 'a0'" in told.err
