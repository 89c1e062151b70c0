import os
import pty
import signal
import subprocess
import sys

import pytest

from itops.domain.plan import Done, NoInstruction, Question, ScriptProposal
from itops.domain.result import ResultState
from itops.domain.verdict import Decision
from itops.entrypoints.session import local_person
from itops.errors import InvalidParameter, ProviderError
from itops.testing.fake_rooms import FakeAgent, FakePolicy
from itops.workflow.task_workflow import Bounds

CHANGE = ScriptProposal(language="bash", text="change")
GIVES_UP = Done(because="no", succeeded=False)
ASKS = FakePolicy(Decision.ASK)


class Raising(FakeAgent):
    """Can't plan."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def plan(self, request):
        raise self._error


def failing(state: ResultState) -> dict[str, object]:
    return {"states": [state], "bounds": Bounds(repairs=0)}


@pytest.mark.parametrize(
    ("agent", "parts", "state", "code"),
    [
        (FakeAgent([CHANGE]), {}, "succeeded", 0),
        (FakeAgent(), {}, "answered", 0),
        (FakeAgent([CHANGE]), failing(ResultState.FAILED), "failed", 1),
        (FakeAgent([CHANGE]), failing(ResultState.TIMED_OUT), "failed", 1),
        (Raising(InvalidParameter("It is off.")), {}, "failed", 2),
        (FakeAgent([CHANGE.model_copy(update={"text": "deny"}), GIVES_UP]), {}, "denied", 3),
        (FakeAgent([CHANGE]), {"policy": ASKS}, "waiting", 4),
        (FakeAgent([Question(text="Which?")]), {}, "waiting", 4),
        (FakeAgent([CHANGE]), failing(ResultState.UNKNOWN), "unknown", 5),
        (Raising(ProviderError("Away.")), {}, "failed", 6),
        (FakeAgent(plan=NoInstruction(words="pizza")), {}, "no_instruction", 7),
    ],
)
def test_the_exit_code_and_the_state_say_how_it_ended(call, fakes, agent, parts, state, code):
    fakes(agent, **parts)
    called = call("run", "do it", "--json")
    assert (called.json["state"], called.code) == (state, code)


def test_with_json_standard_output_holds_one_document_and_people_read_standard_error(call, fakes):
    fakes(FakeAgent([CHANGE]))
    called = call("run", "do it", "--json")
    contract = {"task", "state", "agent", "plan", "steps", "question", "answer", "usage"}
    assert contract <= set(called.json)
    assert (called.json["agent"], called.json["answer"], called.json["question"]) == ("fake", "succeeded", None)
    assert [step["script"]["text"] for step in called.json["steps"]] == ["change"]
    assert "Task: do it" in called.err
    assert "Verdict: allow" in called.err


def test_without_json_people_read_standard_output(call, fakes):
    fakes(FakeAgent([CHANGE]))
    called = call("run", "do it")
    assert called.err == ""
    for line in ("Task: do it", "    change", "Verdict: allow", "Output: succeeded", "    out", "Answer: succeeded"):
        assert line in called.out


def test_a_dry_run_runs_nothing_and_ends_well(call, fakes):
    house = fakes(FakeAgent([CHANGE]), policy=ASKS)
    called = call("run", "do it", "--dry-run", "--json")
    assert (called.json["state"], called.code, house.runner.ran) == ("planned", 0, [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["do it", "--auto", "all"], "--auto takes none, read or change"),
        (["do it", "--target", "web-3"], "There is no target 'web-3'"),
        (["do it", "--agent", "clever"], "There is no agent 'clever'"),
        ([""], "There are no words"),
    ],
)
def test_a_call_whose_words_are_off_is_told_so_and_nothing_starts(call, fakes, words, said):
    house = fakes()
    called = call("run", *words, "--json")
    assert (called.code, called.out, house.journal.events) == (2, "", [])
    assert said in called.err
    assert "Nothing ran." in called.err


def test_options_reach_the_task(call, fakes):
    house = fakes()
    call("run", "do it", "--target", "local", "--target", "localhost", "--agent", "fake", "--auto", "none")
    task = house.journal.events[0].submitted
    assert (task.targets, task.agent, task.auto) == (("local", "localhost"), "fake", "none")
    assert task.requester == local_person()


def test_where_nobody_can_be_asked_it_says_how_to_go_on(call, fakes):
    fakes(FakeAgent([CHANGE]), policy=ASKS)
    called = call("run", "do it")
    assert "itops approvals approve t" in called.out
    fakes(FakeAgent([Question(text="Which?")]))
    assert "itops tasks answer t" in call("run", "do it").out


def test_generated_secrets_are_shown_once_the_task_has_ended(call, fakes):
    fakes(secrets={"password": "s3cret"})
    assert call("run", "do it", "--json").json["secrets"] == {"password": "s3cret"}
    fakes(secrets={"password": "s3cret"})
    assert "password (shown once" in call("run", "do it").out
    fakes(FakeAgent([CHANGE]), policy=ASKS, secrets={"password": "s3cret"})
    waiting = call("run", "do it", "--json")
    assert "s3cret" not in waiting.out + waiting.err


def test_at_a_terminal_it_asks_and_runs_after_a_yes(call, fakes, at_terminal):
    house = fakes(FakeAgent([CHANGE]), policy=ASKS)
    at_terminal("y\n")
    called = call("run", "do it", stdin=None)
    assert (called.code, house.runner.ran) == (0, ["change"])
    assert "Run exactly this? [y/N]" in called.err


@pytest.mark.parametrize(
    ("typed", "reason"), [("n\nnot today\n", "not today"), ("\n\n", "not wanted"), ("yep\n \n", "not wanted")]
)
def test_at_a_terminal_anything_else_is_a_no_with_its_reason(call, fakes, at_terminal, typed, reason):
    house = fakes(FakeAgent([CHANGE, GIVES_UP]), policy=ASKS)
    at_terminal(typed)
    called = call("run", "do it", stdin=None)
    assert (called.code, house.runner.ran) == (8, [])
    assert f"Rejected by {local_person().id}: {reason}" in called.out


def test_at_a_terminal_a_question_is_answered(call, fakes, at_terminal):
    house = fakes(FakeAgent([Question(text="Which?"), CHANGE]))
    at_terminal("this one\n")
    assert call("run", "do it", stdin=None).code == 0
    assert house.agent.requests[-1].exchanges[0].answer == "this one"


def test_at_a_terminal_no_answer_leaves_the_task_waiting(call, fakes, at_terminal):
    fakes(FakeAgent([Question(text="Which?")]))
    at_terminal("\n")
    called = call("run", "do it", stdin=None)
    assert called.code == 4
    assert "itops tasks answer" in called.out


def test_an_answer_that_can_not_be_taken_is_asked_for_again(call, fakes, at_terminal):
    house = fakes(FakeAgent([Question(text="Which?"), CHANGE]))
    at_terminal("\x16\x01\nthis one\n")  # Ctrl-V and Ctrl-A: a control letter in the line
    called = call("run", "do it", stdin=None)
    assert called.code == 0
    assert "binary" in called.err
    assert house.agent.requests[-1].exchanges[0].answer == "this one"


def test_a_decision_that_came_first_stands_and_the_task_is_followed_on(call, fakes, at_terminal, monkeypatch):
    house = fakes(FakeAgent([CHANGE, GIVES_UP]), policy=ASKS)
    decide = house.app.decide

    async def overtaken(approval, **how):
        await decide(approval, approve=False, by=local_person(), reason="somebody was quicker")
        return await decide(approval, **how)

    monkeypatch.setattr(house.app, "decide", overtaken)
    at_terminal("y\n")
    called = call("run", "do it", stdin=None)
    assert (called.code, house.runner.ran) == (8, [])
    assert "was rejected" in called.err
    assert "somebody was quicker" in called.out


INTERRUPTED = """
from itops.domain.plan import Done, ScriptProposal
from itops.domain.verdict import Decision
from itops.entrypoints import cli, session
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakePolicy

script = ScriptProposal(language="bash", text={text!r})
house = FakeHouse(FakeAgent([script, Done(because="no", succeeded=False)]), policy=FakePolicy(Decision.{decision}))
house.close = lambda: None
session.House = lambda settings: house
cli.main()
"""


@pytest.mark.parametrize(
    ("text", "decision", "sign"),
    [("change", "ASK", "[y/N]"), ("sleep", "ALLOW", "Running on local")],
    ids=["at the question", "while it runs"],
)
def test_ctrl_c_cancels_the_task_and_waits_for_its_end(home, text, decision, sign):
    program = INTERRUPTED.format(text=text, decision=decision)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", program, "run", "do it"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    )
    os.close(theirs)
    said = ""
    while sign not in said:
        said += os.read(ours, 4096).decode()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 8
    said += os.read(ours, 65536).decode()
    os.close(ours)
    assert "wants the task to stop. Ctrl-C" in said
    assert said.count("Task: do it") == 1
    assert "End: cancelled" in said
