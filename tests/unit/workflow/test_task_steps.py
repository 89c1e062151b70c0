"""The single lines: what each records, and that a line done again after a crash records and asks nothing twice."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from itops.agents.base_agent import ProposeRequest
from itops.domain.approval import ApprovalState
from itops.domain.event import CancelRequested, OutcomeResolved
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, InstructionState, Parameter, SecretSpec
from itops.domain.outcome import Outcome, Usage
from itops.domain.plan import Question, ScriptProposal, Subtask
from itops.domain.result import Result, ResultState
from itops.domain.script import Facts, Limits, Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision
from itops.errors import NotPermitted, TaskCancelled, UsageError
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.scripts import Scripts
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakeLibrary, FakePolicy, FakeReader
from itops.workflow.steps import Pending, Resolution, Returned, Said
from itops.workflow.task_steps import TaskSteps

ANN = Person(id="ann")
TASK = Task(id="t1", words="do it", requester=ANN, submitted_at=datetime.now(UTC))
HERE = (Target(name="local", platform=Platform.LINUX),)
RESET = Instruction(
    id="reset",
    title="Reset",
    platform=Platform.LINUX,
    secrets=(SecretSpec(name="password", generate=True),),
    time_limit_seconds=900,
    blocks=(
        Block(kind="run", language="bash", text="reset"),
        Block(kind="verify", language="bash", text="look"),
    ),
)
EXACT = ScriptProposal(language="bash", text="reset", instruction=RESET.ref)


def house(**parts) -> FakeHouse:
    return FakeHouse(library=FakeLibrary(RESET), **parts)


def steps_of(house: FakeHouse, **rooms) -> TaskSteps:
    return TaskSteps(replace(house.engine._steps._rooms, **rooms))


async def prepared(steps: TaskSteps, proposal: ScriptProposal = EXACT) -> Script:
    script = await steps.prepare(TASK, 0, "t1-1", proposal, HERE)
    assert isinstance(script, Script)
    return script


async def test_an_exact_instance_gets_its_instructions_secrets_and_time():
    script = await prepared(steps_of(house()))
    assert (script.instruction, script.secrets) == (RESET.ref, RESET.secrets)
    assert script.limits.time_limit_seconds == 900


async def test_a_stranger_gets_no_secret_and_is_no_instance():
    stranger = EXACT.model_copy(update={"text": "reset; curl evil"})
    script = await prepared(steps_of(house()), stranger)
    assert (script.instruction, script.secrets, script.limits) == (None, (), Limits())


async def test_an_instance_with_invalid_parameters_is_none():
    class Strict(FakeReader):
        def valid(self, instruction, values):
            return False

    assert (await prepared(steps_of(house(), reader=Strict()))).instruction is None


async def test_a_verification_gets_no_secret():
    steps = steps_of(house())
    check = await steps.verification(TASK, 0, "t1-2", await prepared(steps))
    assert check is not None
    assert (check.text, check.block, check.secrets) == ("look", "verify", ())
    assert await steps.verification(TASK, 0, "t1-3", check) is None


async def test_a_missing_tool_goes_back_with_its_name():
    class Needy(FakeReader):
        tools = frozenset({"true", "kubectl"})

    returned = await steps_of(house(), reader=Needy()).prepare(TASK, 0, "t1-1", EXACT, HERE)
    assert isinstance(returned, Returned)
    assert "kubectl" in returned.because


async def test_what_can_not_run_at_all_goes_back_with_the_reason():
    class Knowing(FakeReader):
        async def read(self, language, text):
            return Facts(impossible=("`aws ec2 halt`: the nearest is `stop-instances`",))

    returned = await steps_of(house(), reader=Knowing()).prepare(TASK, 0, "t1-1", EXACT, HERE)
    assert isinstance(returned, Returned)
    assert "stop-instances" in returned.because


async def test_a_line_done_again_records_nothing_twice():
    play = house(policy=FakePolicy(Decision.ASK))
    steps = steps_of(play)

    async def lines() -> None:
        await steps.resolve(TASK)
        await steps.plan(TASK, HERE, ())
        await steps.find(TASK, 0, Subtask(words="a"), HERE)
        await prepared(steps)
        await steps.ask(TASK, 0, Question(text="?"))
        await steps.finish(TASK, Outcome(state=TaskState.SUCCEEDED))

    await lines()
    once = list(play.journal.events)
    await lines()
    assert play.journal.events == once
    assert len(once) == 7


async def test_an_approval_is_asked_once_pending_until_decided_and_used_up_by_the_run():
    play = house(policy=FakePolicy(Decision.ASK))
    steps = steps_of(play)
    script = await prepared(steps)
    verdict = await steps.judge(TASK, "t1-1", script)
    asked = await steps.request_approval(TASK, "t1-1", script, verdict)
    assert await steps.request_approval(TASK, "t1-1", script, verdict) == asked
    assert isinstance(await steps.decision(TASK, asked, 0), Pending)
    await play.desk.decide(asked.id, approve=True, by=ANN)
    approval = await steps.decision(TASK, asked, 1)
    assert approval.state is ApprovalState.APPROVED
    await steps.run(TASK, "t1-1", 1, script, verdict, approval)
    assert (await play.desk.get(asked.id)).state is ApprovalState.REDEEMED


async def test_nothing_runs_without_the_approval_that_the_verdict_wants():
    play = house(policy=FakePolicy(Decision.ASK))
    steps = steps_of(play)
    script = await prepared(steps)
    with pytest.raises(NotPermitted):
        await steps.run(TASK, "t1-1", 1, script, await steps.judge(TASK, "t1-1", script), None)
    assert play.runner.ran == []


async def test_what_was_started_is_read_though_the_task_is_cancelled_and_the_verdict_old():
    play = house()
    steps = steps_of(play)
    script = await prepared(steps)
    verdict = await steps.judge(TASK, "t1-1", script)
    old = verdict.model_copy(update={"judged_at": TASK.submitted_at, "expires_at": datetime.now(UTC)})
    await play.journal.append(CancelRequested(task="t1", key="cancel", by=ANN))
    with pytest.raises(TaskCancelled):
        await steps.run(TASK, "t1-1", 1, script, old, None)

    async def started(*_, **__) -> bool:
        return True

    play.runner.started = started
    assert (await steps.run(TASK, "t1-1", 1, script, old, None))[0].state is ResultState.SUCCEEDED


@pytest.mark.parametrize("line", ["resolve", "plan", "find", "prepare", "ask", "reply", "resolution", "propose"])
async def test_a_cancelled_task_goes_no_line_further(line):
    play = house()
    steps = steps_of(play)
    await play.journal.append(CancelRequested(task="t1", key="cancel", by=ANN))
    subtask = Subtask(words="a")
    plan = {"task": TASK, "plan": {"subtasks": [subtask]}, "subtask": subtask, "targets": HERE, "found": ()}
    arguments = {
        "resolve": (TASK,),
        "plan": (TASK, HERE, ()),
        "find": (TASK, 0, subtask, HERE),
        "prepare": (TASK, 0, "t1-1", EXACT, HERE),
        "ask": (TASK, 0, Question(text="?")),
        "reply": (TASK, 0, 0),
        "resolution": (TASK, "t1-1", 0),
        "propose": (ProposeRequest.model_validate(plan),),
    }
    with pytest.raises(TaskCancelled):
        await getattr(steps, line)(*arguments[line])
    assert [event.kind for event in play.journal.events] == ["task.cancel_requested"]


async def test_a_reply_is_waited_for_and_given_up_in_time():
    play = house()
    steps = steps_of(play)
    await steps.ask(TASK, 0, Question(text="?"))
    waiting = await steps.reply(TASK, 0, 0)
    assert isinstance(waiting, Pending)
    assert waiting.seconds == pytest.approx(900, abs=30)
    assert await steps_of(play, question_seconds=0).reply(TASK, 0, 1) == Said(answer=None)
    assert await steps.reply(TASK, 0, 2) == Said(answer=None)


async def test_a_doubt_names_the_unknown_targets_and_is_resolved_by_a_person():
    play = house()
    steps = steps_of(play)
    states = {"a": ResultState.SUCCEEDED, "b": ResultState.UNKNOWN}
    results = tuple(Result(target=name, state=state, attempt=name) for name, state in states.items())
    await steps.doubt(TASK, "t1-1", results)
    assert play.journal.events[-1].targets == ("b",)
    assert isinstance(await steps.resolution(TASK, "t1-1", 0), Pending)
    seen = OutcomeResolved(task="t1", key="t1-1.resolved", action="t1-1", done=False, reason="seen", by=ANN)
    await play.journal.append(seen)
    assert await steps.resolution(TASK, "t1-1", 1) == Resolution(done=False, reason="seen")


async def test_an_agent_that_can_not_be_had_still_ends_the_task_with_the_reason():
    def no_agent(task: Task) -> FakeAgent:
        raise UsageError("The agent is not installed.")

    play = house()
    await steps_of(play, agents=no_agent).finish(TASK, Outcome(state=TaskState.FAILED, because="It was not installed."))
    assert [event.kind for event in play.journal.events] == ["task.answered", "task.ended"]
    assert "not installed" in play.journal.events[0].answer.text


async def test_the_end_of_a_task_takes_open_questions_to_people_back():
    play = house(policy=FakePolicy(Decision.ASK))
    steps = steps_of(play)
    script = await prepared(steps)
    asked = await steps.request_approval(TASK, "t1-1", script, await steps.judge(TASK, "t1-1", script))
    await steps.finish(TASK, Outcome(state=TaskState.CANCELLED))
    assert (await play.desk.get(asked.id)).state is ApprovalState.WITHDRAWN


async def test_what_models_were_asked_is_recorded_thought_by_thought():
    costs = iter(
        [Usage(llm_calls=1), Usage(llm_calls=1, input_tokens=7), Usage(cached_calls=1), Usage(), Usage(llm_calls=2)]
    )

    class Paid(FakeAgent):
        async def plan(self, request):
            return (await super().plan(request)).model_copy(update={"usage": next(costs), "model": "m"})

        async def propose(self, request):
            return (await super().propose(request)).model_copy(update={"usage": next(costs), "model": "m"})

    play, agent = house(), Paid([EXACT] * 4)
    steps = steps_of(play, agents=lambda _: agent)
    plan = await steps.plan(TASK, HERE, ())
    request = ProposeRequest(task=TASK, plan=plan, subtask=plan.subtasks[0], targets=HERE, found=())
    for _ in range(4):
        await steps.propose(request)
    called = [event for event in play.journal.events if event.kind == "model.called"]
    assert [event.purpose for event in called] == ["plan.0", "propose.1", "propose.2", "propose.3"]
    assert called[2].usage == Usage(cached_calls=1)
    assert {event.model for event in called} == {"m"}


async def test_a_wish_to_cancel_stops_what_runs():
    play = house()
    steps = steps_of(play)
    script = await prepared(steps, ScriptProposal(language="bash", text="sleep"))
    verdict = await steps.judge(TASK, "t1-1", script)
    running = asyncio.create_task(steps.run(TASK, "t1-1", 1, script, verdict, None))
    async with asyncio.timeout(10):
        while not play.runner.ran:
            await asyncio.sleep(0)
        await play.journal.append(CancelRequested(task="t1", key="cancel", by=ANN))
        assert (await running)[0].state is ResultState.CANCELLED


async def test_a_near_instance_is_judged_as_a_stranger_and_told_how_it_differs():
    lock = Instruction(
        id="lock",
        title="Lock",
        platform=Platform.LINUX,
        state=InstructionState.PUBLISHED,
        parameters=(Parameter(name="user", type="user"),),
        blocks=(Block(kind="run", language="bash", text="passwd --lock {{ user }}"),),
    )
    engine = PolicyEngine(load_policy(), timedelta(minutes=5))
    play = FakeHouse(library=FakeLibrary(lock))
    steps = steps_of(play, reader=Scripts(), policy=engine)
    task = TASK.model_copy(update={"auto": "change"})
    made = {"language": "bash", "targets": HERE, "parameters": {"user": "bob"}}
    exact = Script(text="passwd --lock bob", instruction=lock.ref, **made)
    near = Script(text="passwd --lock bob; passwd -d bob", based_on=lock.ref, **made)
    assert (await steps.judge(task, "t1-1", exact)).decision is Decision.ALLOW
    verdict = await steps.judge(task, "t1-2", near)
    assert (verdict.decision, verdict.conforms_to) == (Decision.ASK, None)
    (differs,) = [reason for reason in verdict.reasons if reason.rule == "trust.differs"]
    assert differs.message == "More than lock: `passwd -d bob`."
    approval = await steps.request_approval(task, "t1-2", near, verdict)
    assert approval.policy_version == verdict.policy_version == engine.version
