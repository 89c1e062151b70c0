"""What a person is told of each event."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from itops.conversation.event_view import message_of, output_words, result_words, verdict_words
from itops.domain.approval import Approval, ApprovalState
from itops.domain.effect import Effect
from itops.domain.event import (
    ApprovalDecided,
    ApprovalRequested,
    CancelRequested,
    Event,
    InstructionRated,
    InstructionsFound,
    NoInstructionFound,
    OutcomeDoubted,
    OutcomeResolved,
    PlanMade,
    QuestionAnswered,
    QuestionAsked,
    Record,
    RunFinished,
    RunIntended,
    ScriptJudged,
    ScriptProposed,
    ScriptReturned,
    TargetsResolved,
    TaskAnswered,
    TaskEnded,
    TaskSubmitted,
)
from itops.domain.identity import Person
from itops.domain.instruction import InstructionRef
from itops.domain.outcome import Answer
from itops.domain.plan import NearestInstruction, NoInstruction, Plan, Question, Subtask
from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision, Reason, Verdict

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
ANN = Person(id="ann")
HERE = Target(name="local", platform=Platform.LINUX)
FOUND = (NearestInstruction(id="linux.uptime", title="Uptime", score=0.873),)
SCRIPT = Script(
    language="bash", text="uptime", targets=(HERE,), instruction=InstructionRef(id="linux.uptime", version="a" * 64)
)
ASKED = Approval(
    id="a1",
    task="t1",
    action="t1-1",
    digest=SCRIPT.digest,
    policy_version="1",
    requester=ANN,
    requested_at=NOW,
    expires_at=NOW,
)


def verdict(decision: Decision) -> Verdict:
    return Verdict(
        decision=decision,
        effect=Effect.CHANGE,
        reasons=(Reason(rule="no-rm", message="It removes files.", instead="mv them"),),
        digest="",
        policy_version="1",
        judged_at=NOW,
        expires_at=NOW,
    )


def decided(state: ApprovalState, reason: str = "") -> ApprovalDecided:
    approval = ASKED.model_copy(update={"state": state, "decided_by": ANN, "reason": reason})
    return ApprovalDecided(task="t1", key="d", approval=approval)


def result(state: ResultState, **fields) -> Result:
    return Result(target="local", state=state, attempt="x", **fields)


def make(kind: type, **fields):
    return kind(task="t1", key="k", **fields)


def said(event: Event):
    return message_of(Record(seq=1, at=NOW, event=event, previous="", hash=""))


TOLD = [
    (
        make(TaskSubmitted, submitted=Task(id="t1", words="show uptime", requester=ANN, submitted_at=NOW)),
        "request",
        "plain",
        "show uptime",
    ),
    (make(PlanMade, plan=Plan(subtasks=(Subtask(words="a"), Subtask(words="b"))), agent="x"), "plan", "plain", "2. b"),
    (make(InstructionsFound, subtask=0, found=FOUND), "progress", "plain", "linux.uptime: Uptime (0.87)"),
    (
        make(NoInstructionFound, missing=NoInstruction(words="pizza", nearest=FOUND)),
        "progress",
        "warn",
        "no instruction for: pizza\nThe nearest are:\n- linux.uptime",
    ),
    (make(NoInstructionFound, missing=NoInstruction(words="pizza")), "progress", "warn", "for: pizza"),
    (
        make(ScriptProposed, subtask=0, action="t1-1", script=SCRIPT, title="Uptime"),
        "script",
        "plain",
        "Uptime on local (instruction linux.uptime, version aaaaaaaa)",
    ),
    (make(ScriptReturned, action="t1-1", because="It has <user>."), "progress", "warn", "It has <user>."),
    (make(ScriptJudged, action="t1-1", verdict=verdict(Decision.ALLOW)), "verdict", "good", "allow (effect: change)"),
    (make(ScriptJudged, action="t1-1", verdict=verdict(Decision.ASK)), "verdict", "warn", "ask"),
    (make(ScriptJudged, action="t1-1", verdict=verdict(Decision.DENY)), "verdict", "bad", "deny"),
    (make(ApprovalRequested, approval=ASKED), "approval", "warn", "until 12:30:00 UTC"),
    (decided(ApprovalState.APPROVED), "progress", "good", "Approved by ann"),
    (decided(ApprovalState.REJECTED, "not now"), "progress", "bad", "Rejected by ann: not now"),
    (decided(ApprovalState.EXPIRED), "progress", "bad", "Nothing ran."),
    (decided(ApprovalState.WITHDRAWN, "over"), "progress", "warn", "withdrawn: over"),
    (make(RunIntended, action="t1-1", attempt="x.1", target="local", digest=""), "progress", "plain", "on local"),
    (make(RunFinished, action="t1-1", result=result(ResultState.SUCCEEDED)), "output", "good", "succeeded on local"),
    (make(RunFinished, action="t1-1", result=result(ResultState.TIMED_OUT)), "output", "bad", "timed out on local"),
    (make(OutcomeDoubted, action="t1-1", targets=("a", "b")), "approval", "bad", "on a, b is not known"),
    (
        make(OutcomeResolved, action="t1-1", done=True, reason="seen", by=ANN),
        "progress",
        "plain",
        "ann looked: it was done (seen)",
    ),
    (
        make(OutcomeResolved, action="t1-1", done=False, reason="seen", by=ANN),
        "progress",
        "plain",
        "it was not done",
    ),
    (make(QuestionAsked, question=Question(text="Which?")), "question", "warn", "Which?"),
    (make(QuestionAnswered, answer="this", by=ANN), "reply", "plain", "this"),
    (make(QuestionAnswered, answer=""), "reply", "plain", "Nobody answered"),
    (make(CancelRequested, by=ANN, reason="enough"), "progress", "warn", "ann wants the task to stop. enough"),
    (
        make(InstructionRated, instruction=SCRIPT.instruction, opinion="helped", by=ANN),
        "progress",
        "good",
        "ann says of linux.uptime: helped",
    ),
    (
        make(InstructionRated, instruction=SCRIPT.instruction, opinion="outdated", comment="see \x1b[2J", by=ANN),
        "progress",
        "warn",
        "outdated: see \\x1b[2J",
    ),
    (make(TaskAnswered, answer=Answer(text="It is up.")), "answer", "plain", "It is up."),
    (make(TaskEnded, state=TaskState.SUCCEEDED), "end", "good", "succeeded"),
    (make(TaskEnded, state=TaskState.DENIED), "end", "bad", "denied"),
]


@pytest.mark.parametrize(("event", "kind", "tone", "words"), TOLD, ids=lambda value: getattr(value, "kind", None))
def test_what_is_told_of_an_event(event, kind, tone, words):
    message = said(event)
    assert (message.kind, message.tone) == (kind, tone)
    assert words in message.text


@pytest.mark.parametrize(
    "event",
    [
        make(TargetsResolved, targets=(HERE,)),
        make(InstructionsFound, subtask=0, found=()),
        decided(ApprovalState.REDEEMED),
    ],
)
def test_what_is_of_no_interest_is_not_told(event):
    assert said(event) is None


def test_targets_on_other_machines_are_told_and_this_machine_alone_is_not():
    far = Target(name="w", platform=Platform.LINUX, executor="ssh", address="u@h", tags=("protected",))
    told = said(make(TargetsResolved, targets=(far,) * 60))
    assert told.text.startswith("Runs on 60 targets:\n- w (u@h, linux, protected)\n")
    assert told.text.endswith("… and 10 more")
    here = Target(name="local", platform=Platform.LINUX)
    assert said(make(TargetsResolved, targets=(here,))) is None


def test_every_kind_of_event_can_be_told_or_passed_over():
    """A new event that a person must see is a line in the table above."""
    kinds = set(get_args(get_args(Event)[0]))
    quiet = {"targets.resolved", "secret.revealed", "model.called", "instruction.changed"}
    assert {event.kind for event, *_ in TOLD} == {kind.model_fields["kind"].default for kind in kinds} - quiet


def test_a_script_is_shown_as_it_is_and_names_its_action():
    message = said(make(ScriptProposed, subtask=0, action="t1-1", script=SCRIPT))
    assert (message.code, message.language, message.action) == ("uptime", "bash", "t1-1")
    assert said(make(ApprovalRequested, approval=ASKED)).approval == "a1"


def test_a_script_that_only_follows_an_instruction_is_not_shown_as_an_instance():
    script = SCRIPT.model_copy(update={"instruction": None, "based_on": SCRIPT.instruction})
    assert "not an exact instance" in said(make(ScriptProposed, subtask=0, action="t1-1", script=script)).text


def test_a_verdict_says_each_reason_with_its_rule_and_what_to_do_instead():
    assert verdict_words(verdict(Decision.DENY)).splitlines() == [
        "deny (effect: change)",
        "- It removes files. [no-rm]",
        "  instead: mv them",
    ]


def test_a_result_says_state_code_time_and_note():
    words = result_words(result(ResultState.FAILED, exit_code=2, seconds=1.25, note="A person looked"))
    assert words == "failed on local, exit code 2, 1.2 s (A person looked)"
    assert "exit code" not in result_words(result(ResultState.UNREACHABLE))


def test_both_streams_are_shown_without_empty_lines_between():
    assert output_words(Output(text="out\n\n"), Output(text="err\n")) == "out\nerr"
    assert output_words(Output(), Output(text="err")) == "err"
