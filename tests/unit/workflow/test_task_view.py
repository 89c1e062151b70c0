from datetime import UTC, datetime, timedelta

import pytest

from itops.domain.approval import Approval, ApprovalState
from itops.domain.effect import Effect
from itops.domain.event import (
    ApprovalDecided,
    ApprovalRequested,
    CancelRequested,
    InstructionsFound,
    ModelCalled,
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
    SecretRevealed,
    TargetsResolved,
    TaskAnswered,
    TaskEnded,
    TaskSubmitted,
)
from itops.domain.identity import Person
from itops.domain.instruction import InstructionRef
from itops.domain.outcome import Answer, Usage
from itops.domain.plan import NearestInstruction, NoInstruction, Plan, Question, Subtask
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision, Verdict
from itops.workflow.task_view import TaskView, view_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Person(id="ann")
HERE = Target(name="local", platform=Platform.LINUX)
TASK = Task(id="t1", words="show uptime", requester=ANN, submitted_at=NOW)
SCRIPT = Script(language="bash", text="uptime", targets=(HERE,), instruction=InstructionRef(id="b", version="1"))
VERDICT = Verdict(
    decision=Decision.ASK,
    effect=Effect.CHANGE,
    reasons=(),
    digest=SCRIPT.digest,
    policy_version="1",
    judged_at=NOW,
    expires_at=NOW,
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
FOUND = (NearestInstruction(id="a", title="A", score=0.9), NearestInstruction(id="b", title="B", score=0.8))


def event(kind, **fields):
    return kind(task="t1", key=fields.pop("key", kind.__name__), **fields)


def told(*events) -> TaskView:
    return view_of(
        Record(seq=number, at=NOW + timedelta(seconds=number), event=each, previous="", hash="")
        for number, each in enumerate(events, start=1)
    )


SUBMITTED = event(TaskSubmitted, submitted=TASK)
PROPOSED = event(ScriptProposed, subtask=0, action="t1-1", script=SCRIPT, title="Uptime")
REQUESTED = event(ApprovalRequested, approval=ASKED)
DOUBTED = event(OutcomeDoubted, action="t1-1", targets=("local",))
QUESTION = event(QuestionAsked, question=Question(text="Which?"))


def decided(state: ApprovalState):
    return event(ApprovalDecided, approval=ASKED.model_copy(update={"state": state, "decided_by": ANN}))


def ended(state: TaskState, error: str = ""):
    return event(TaskEnded, state=state, error=error)


def test_the_way_of_a_script_is_kept():
    result = Result(target="local", state=ResultState.SUCCEEDED, attempt="x")
    view = told(
        SUBMITTED,
        event(TargetsResolved, targets=(HERE,)),
        event(PlanMade, plan=Plan(subtasks=(Subtask(words="show uptime"),)), agent="fake"),
        event(InstructionsFound, subtask=0, found=FOUND),
        event(ScriptReturned, action="t1-0", because="unfilled"),
        PROPOSED,
        event(ScriptJudged, action="t1-1", verdict=VERDICT),
        REQUESTED,
        decided(ApprovalState.APPROVED),
        event(RunIntended, action="t1-1", attempt="x", target="local", digest=SCRIPT.digest),
        event(RunFinished, action="t1-1", result=result),
        event(ModelCalled, key="m1", purpose="plan", model="m", usage=Usage(llm_calls=1, input_tokens=3)),
        event(ModelCalled, key="m2", purpose="answer", model="m", usage=Usage(llm_calls=1, output_tokens=2)),
        event(TaskAnswered, answer=Answer(text="It is up.")),
        ended(TaskState.SUCCEEDED),
        event(SecretRevealed, name="password", to=ANN),
    )
    action = view.actions["t1-1"]
    assert (view.id, view.task, view.targets, view.agent) == ("t1", TASK, (HERE,), "fake")
    assert (action.title, action.script, action.verdict) == ("Uptime", SCRIPT, VERDICT)
    assert action.approval is not None
    assert action.approval.state is ApprovalState.APPROVED
    assert action.results == {"local": result}
    assert view.usage == Usage(llm_calls=2, input_tokens=3, output_tokens=2)
    assert [(thought.purpose, thought.usage.llm_calls) for thought in view.thoughts] == [("plan", 1), ("answer", 1)]
    assert view.answer == Answer(text="It is up.")
    assert (view.seq, view.at) == (16, NOW + timedelta(seconds=16))


@pytest.mark.parametrize(
    ("events", "state", "code"),
    [
        ([SUBMITTED], TaskState.RUNNING, 4),
        ([SUBMITTED, PROPOSED, REQUESTED], TaskState.WAITING, 4),
        ([SUBMITTED, PROPOSED, REQUESTED, decided(ApprovalState.APPROVED)], TaskState.RUNNING, 4),
        ([SUBMITTED, PROPOSED, REQUESTED, decided(ApprovalState.EXPIRED)], TaskState.RUNNING, 4),
        ([SUBMITTED, QUESTION], TaskState.WAITING, 4),
        ([SUBMITTED, QUESTION, event(QuestionAnswered, answer="x", by=ANN)], TaskState.RUNNING, 4),
        ([SUBMITTED, DOUBTED], TaskState.UNKNOWN, 5),
        (
            [SUBMITTED, DOUBTED, event(OutcomeResolved, action="t1-1", done=True, reason="seen", by=ANN)],
            TaskState.RUNNING,
            4,
        ),
        ([SUBMITTED, ended(TaskState.SUCCEEDED)], TaskState.SUCCEEDED, 0),
        ([SUBMITTED, ended(TaskState.PLANNED)], TaskState.PLANNED, 0),
        ([SUBMITTED, ended(TaskState.ANSWERED)], TaskState.ANSWERED, 0),
        ([SUBMITTED, ended(TaskState.FAILED)], TaskState.FAILED, 1),
        ([SUBMITTED, ended(TaskState.DENIED)], TaskState.DENIED, 3),
        ([SUBMITTED, ended(TaskState.NO_INSTRUCTION)], TaskState.NO_INSTRUCTION, 7),
        ([SUBMITTED, ended(TaskState.CANCELLED)], TaskState.CANCELLED, 8),
        ([SUBMITTED, ended(TaskState.FAILED, "InvalidParameter")], TaskState.FAILED, 2),
        ([SUBMITTED, ended(TaskState.FAILED, "NotPermitted")], TaskState.FAILED, 3),
        ([SUBMITTED, ended(TaskState.FAILED, "ProviderError")], TaskState.FAILED, 6),
    ],
    ids=lambda value: value.value if isinstance(value, TaskState) else None,
)
def test_where_a_task_stands_and_the_exit_code_of_it(events, state, code):
    view = told(*events)
    assert (view.state, view.exit_code) == (state, code)


@pytest.mark.parametrize("wait", [QUESTION, DOUBTED, REQUESTED])
def test_what_was_open_when_a_task_ended_is_open_no_more(wait):
    view = told(SUBMITTED, PROPOSED, wait, ended(TaskState.CANCELLED))
    assert (view.question, view.approval, view.doubted) == (None, None, "")


def test_questions_are_counted():
    assert told(SUBMITTED, QUESTION, event(QuestionAnswered, answer="x", by=ANN), QUESTION).questions == 2


def test_a_wish_to_cancel_is_seen_before_the_end():
    view = told(SUBMITTED, event(CancelRequested, by=ANN))
    assert view.cancelling
    assert not view.state.ended


def test_the_nearest_of_no_instruction_are_kept():
    missing = NoInstruction(words="pizza", nearest=FOUND)
    assert told(SUBMITTED, event(NoInstructionFound, missing=missing)).missing == missing


def test_the_instruction_of_a_subtask_is_the_one_used_and_else_the_best_found():
    found = event(InstructionsFound, subtask=0, found=FOUND)
    assert told(SUBMITTED, found).instruction_of(0) == FOUND[0]
    assert told(SUBMITTED, found, PROPOSED).instruction_of(0) == FOUND[1]
    assert told(SUBMITTED, found, PROPOSED).instruction_of(1) is None


def test_answers_are_kept_but_for_those_that_nobody_gave():
    answered = [event(QuestionAnswered, key=text, answer=text, by=ANN) for text in ("alice", "", "bob")]
    assert told(SUBMITTED, *answered).answers == ["alice", "bob"]


def test_the_instructions_used_are_those_of_exact_instances():
    near = SCRIPT.model_copy(update={"instruction": None, "based_on": InstructionRef(id="a", version="2")})
    written_after = event(ScriptProposed, key="p2", subtask=1, action="t1-2", script=near)
    assert told(SUBMITTED, PROPOSED, PROPOSED, written_after).used == (SCRIPT.instruction,)
    assert told(SUBMITTED, written_after).used == (InstructionRef(id="a", version="2"),)
    assert told(SUBMITTED).used == ()


def test_the_steps_are_the_scripts_with_what_came_of_them():
    result = Result(target="local", state=ResultState.SUCCEEDED, attempt="x")
    judged = event(ScriptJudged, action="t1-1", verdict=VERDICT)
    [step] = told(SUBMITTED, PROPOSED, judged, event(RunFinished, action="t1-1", result=result)).steps
    assert (step.script, step.verdict, step.results, step.succeeded) == (SCRIPT, VERDICT, (result,), True)
    assert not told(SUBMITTED, PROPOSED).steps[0].succeeded
