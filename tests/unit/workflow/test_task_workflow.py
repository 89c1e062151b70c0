"""The story, told over fakes: each test is one way a task can go."""

import asyncio

import pytest

from itops.app import Wish
from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction
from itops.domain.plan import Done, NearestInstruction, NoInstruction, Plan, Question, ScriptProposal, Subtask
from itops.domain.result import ResultState
from itops.domain.target import Platform
from itops.domain.task import TaskState
from itops.domain.verdict import Decision
from itops.errors import ProviderError
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakeLibrary, FakePolicy
from itops.workflow.task_view import TaskView
from itops.workflow.task_workflow import Bounds

ALICE = Person(id="alice")
UNLOCK = Instruction(
    id="unlock",
    title="Unlock",
    platform=Platform.LINUX,
    effect=Effect.CHANGE,
    blocks=(
        Block(kind="run", language="bash", text="unlock"),
        Block(kind="verify", language="bash", text="check it"),
    ),
)


def script(text: str, *, look: bool = False) -> ScriptProposal:
    return ScriptProposal(language="bash", text=text, look=look)


def exact(block: str = "unlock") -> ScriptProposal:
    return ScriptProposal(language="bash", text=block, instruction=UNLOCK.ref)


async def submit(house: FakeHouse, words: str = "do it", *, dry_run: bool = False) -> str:
    return (await house.app.submit(Wish(words=words, requester=ALICE, dry_run=dry_run))).id


async def until(house: FakeHouse, task: str, *states: TaskState) -> TaskView:
    async with asyncio.timeout(10):
        while (view := await house.app.status(task)).state not in states:
            await asyncio.sleep(0.01)
    return view


async def ended(house: FakeHouse, task: str) -> TaskView:
    await asyncio.wait_for(house.engine.settled(task), 10)
    return await house.app.status(task)


async def test_an_allowed_script_runs_once_and_the_task_succeeds():
    house = FakeHouse(FakeAgent([script("look around")]))
    view = await ended(house, await submit(house))
    assert view.state is TaskState.SUCCEEDED
    assert house.runner.ran == ["look around"]
    assert view.answer is not None
    assert len(house.runner.forgotten) == 1


async def test_subtasks_run_in_order_and_the_first_failure_stops_the_rest():
    plan = Plan(subtasks=(Subtask(words="a"), Subtask(words="b"), Subtask(words="c")))
    agent = FakeAgent([script("a"), script("b")], plan)
    house = FakeHouse(agent, states=[ResultState.SUCCEEDED, ResultState.FAILED], bounds=Bounds(repairs=0))
    view = await ended(house, await submit(house))
    assert view.state is TaskState.FAILED
    assert house.runner.ran == ["a", "b"]


async def test_a_denied_script_is_never_put_to_a_person_and_never_runs():
    house = FakeHouse(FakeAgent([script("deny me"), Done(because="", succeeded=False)]))
    view = await ended(house, await submit(house))
    assert view.state is TaskState.DENIED
    assert house.runner.ran == []
    assert "approval.requested" not in {event.kind for event in house.journal.events}


async def test_an_agent_that_says_all_is_well_after_a_denial_is_not_believed():
    house = FakeHouse(FakeAgent([script("deny me"), Done(because="All done!")]))
    assert (await ended(house, await submit(house))).state is TaskState.DENIED


async def test_a_script_that_asks_waits_and_runs_when_approved():
    house = FakeHouse(FakeAgent([script("change")]), policy=FakePolicy(Decision.ASK))
    task = await submit(house)
    view = await until(house, task, TaskState.WAITING)
    assert house.runner.ran == []
    assert view.approval is not None
    await house.app.decide(view.approval.id, approve=True, by=ALICE)
    assert (await ended(house, task)).state is TaskState.SUCCEEDED
    assert house.runner.ran == ["change"]


async def test_a_rejected_script_does_not_run_and_its_agent_is_told_why():
    agent = FakeAgent([script("change"), Done(because="rejected", succeeded=False)])
    house = FakeHouse(agent, policy=FakePolicy(Decision.ASK))
    task = await submit(house)
    view = await until(house, task, TaskState.WAITING)
    await house.app.decide(view.approval.id, approve=False, by=ALICE, reason="not today")
    assert (await ended(house, task)).state is TaskState.CANCELLED
    assert house.runner.ran == []
    assert "not today" in agent.requests[-1].steps[-1].refusal


async def test_after_a_rejection_another_proposal_needs_an_approval_of_its_own():
    house = FakeHouse(FakeAgent([script("first"), script("second")]), policy=FakePolicy(Decision.ASK))
    task = await submit(house)
    first = (await until(house, task, TaskState.WAITING)).approval
    await house.app.decide(first.id, approve=False, by=ALICE, reason="no")
    async with asyncio.timeout(10):
        while (second := (await house.app.status(task)).approval) is None or second.id == first.id:
            await asyncio.sleep(0.01)
    assert second.digest != first.digest
    await house.app.decide(second.id, approve=True, by=ALICE)
    assert (await ended(house, task)).state is TaskState.SUCCEEDED
    assert house.runner.ran == ["second"]


async def test_an_approval_that_nobody_decides_expires_and_nothing_runs():
    agent = FakeAgent([script("change"), Done(because="expired", succeeded=False)])
    house = FakeHouse(agent, policy=FakePolicy(Decision.ASK), minutes=0.005)
    view = await ended(house, await submit(house))
    assert view.state is TaskState.CANCELLED
    assert house.runner.ran == []


async def test_a_question_waits_for_its_answer_and_goes_on():
    agent = FakeAgent([Question(text="Which user?"), script("go")])
    house = FakeHouse(agent)
    task = await submit(house)
    assert (await until(house, task, TaskState.WAITING)).question.text == "Which user?"
    await house.app.answer(task, "bob", by=ALICE)
    assert (await ended(house, task)).state is TaskState.SUCCEEDED
    assert agent.requests[-1].exchanges[0].answer == "bob"


async def test_a_question_that_nobody_answers_cancels_the_task():
    house = FakeHouse(FakeAgent([Question(text="Which user?")]), minutes=0.005)
    view = await ended(house, await submit(house))
    assert view.state is TaskState.CANCELLED
    assert "Which user?" in view.ended.because


async def test_no_instruction_ends_the_task_with_the_nearest():
    nearest = (NearestInstruction(id="oven", title="Oven", score=0.1),)
    house = FakeHouse(FakeAgent(plan=NoInstruction(words="pizza", nearest=nearest)))
    view = await ended(house, await submit(house))
    assert (view.state, view.exit_code) == (TaskState.NO_INSTRUCTION, 7)
    assert view.missing.nearest == nearest


async def test_an_unfilled_placeholder_goes_back_before_judgement():
    agent = FakeAgent([script("passwd <user>"), script("passwd alice")])
    house = FakeHouse(agent)
    view = await ended(house, await submit(house))
    assert view.state is TaskState.SUCCEEDED
    assert "<user>" in agent.requests[1].returned
    assert agent.requests[0].returned == ""
    assert len(view.actions) == 1


async def test_an_exact_instance_is_verified_by_its_instructions_own_block():
    house = FakeHouse(FakeAgent([exact()]), library=FakeLibrary(UNLOCK))
    view = await ended(house, await submit(house))
    assert house.runner.ran == ["unlock", "check it"]
    assert view.state is TaskState.SUCCEEDED


async def test_a_failed_verification_fails_the_task():
    states = [ResultState.SUCCEEDED, ResultState.FAILED]
    house = FakeHouse(FakeAgent([exact()]), library=FakeLibrary(UNLOCK), states=states)
    view = await ended(house, await submit(house))
    assert (view.state, view.exit_code) == (TaskState.FAILED, 1)


async def test_what_can_not_be_verified_is_no_success():
    check = UNLOCK.blocks[1].model_copy(update={"text": "check <it>"})
    unverifiable = UNLOCK.model_copy(update={"blocks": (UNLOCK.blocks[0], check)})
    run = exact().model_copy(update={"instruction": unverifiable.ref})
    house = FakeHouse(FakeAgent([run]), library=FakeLibrary(unverifiable))
    view = await ended(house, await submit(house))
    assert view.state is TaskState.FAILED
    assert "can't be verified" in view.ended.because
    assert house.runner.ran == ["unlock"]


async def test_what_only_claims_to_be_an_instance_is_not_one():
    house = FakeHouse(FakeAgent([exact("unlock --all")]), library=FakeLibrary(UNLOCK))
    view = await ended(house, await submit(house))
    assert house.runner.ran == ["unlock --all"]
    assert next(iter(view.actions.values())).script.instruction is None


async def test_a_failed_script_is_repaired_once():
    agent = FakeAgent([script("wrong"), script("right")])
    house = FakeHouse(agent, states=[ResultState.FAILED, ResultState.SUCCEEDED])
    view = await ended(house, await submit(house))
    assert view.state is TaskState.SUCCEEDED
    assert agent.requests[1].steps[0].results[0].state is ResultState.FAILED


async def test_repair_is_bounded():
    agent = FakeAgent([script(f"wrong {number}") for number in range(9)])
    house = FakeHouse(agent, states=[ResultState.FAILED] * 9, bounds=Bounds(repairs=2))
    view = await ended(house, await submit(house))
    assert view.state is TaskState.FAILED
    assert len(house.runner.ran) == 3


async def test_an_investigation_looks_until_it_is_done():
    agent = FakeAgent([script("df", look=True), script("du", look=True), Done(because="It is the log.")])
    house = FakeHouse(agent)
    view = await ended(house, await submit(house))
    assert view.state is TaskState.SUCCEEDED
    assert house.runner.ran == ["df", "du"]
    assert len(agent.requests[2].steps) == 2


async def test_an_endless_investigation_ends():
    house = FakeHouse(FakeAgent([script("df", look=True)] * 50), bounds=Bounds(proposals=4))
    view = await ended(house, await submit(house))
    assert view.state is TaskState.FAILED
    assert len(house.runner.ran) == 4


async def test_an_unknown_outcome_waits_for_a_person_and_is_not_run_again():
    house = FakeHouse(FakeAgent([script("change")]), states=[ResultState.UNKNOWN])
    task = await submit(house)
    view = await until(house, task, TaskState.UNKNOWN)
    assert view.exit_code == 5
    await house.app.resolve(task, done=True, reason="I saw it", by=ALICE)
    assert (await ended(house, task)).state is TaskState.SUCCEEDED
    assert house.runner.ran == ["change"]


async def test_an_unknown_outcome_that_was_not_done_is_a_failure():
    house = FakeHouse(FakeAgent([script("change")]), states=[ResultState.UNKNOWN], bounds=Bounds(repairs=0))
    task = await submit(house)
    await until(house, task, TaskState.UNKNOWN)
    await house.app.resolve(task, done=False, reason="nothing there", by=ALICE)
    assert (await ended(house, task)).state is TaskState.FAILED


async def test_what_may_be_repeated_is_tried_once_more_by_itself():
    house = FakeHouse(FakeAgent([script("read")]), policy=FakePolicy(repeatable=True), states=[ResultState.UNKNOWN])
    view = await ended(house, await submit(house))
    assert view.state is TaskState.SUCCEEDED
    assert house.runner.ran == ["read", "read"]


async def test_a_dry_run_plans_and_judges_and_runs_nothing():
    house = FakeHouse(FakeAgent([script("change")]), policy=FakePolicy(Decision.ASK))
    view = await ended(house, await submit(house, dry_run=True))
    assert (view.state, view.exit_code) == (TaskState.PLANNED, 0)
    assert house.runner.ran == []
    assert next(iter(view.actions.values())).verdict.decision is Decision.ASK


@pytest.mark.parametrize("waits", ["approval", "question", "unknown"])
async def test_cancel_ends_every_wait(waits):
    agents = {
        "approval": FakeAgent([script("change")]),
        "question": FakeAgent([Question(text="?")]),
        "unknown": FakeAgent([script("change")]),
    }
    policy = FakePolicy(Decision.ASK if waits == "approval" else Decision.ALLOW)
    house = FakeHouse(agents[waits], policy=policy, states=[ResultState.UNKNOWN])
    task = await submit(house)
    await until(house, task, TaskState.WAITING, TaskState.UNKNOWN)
    await house.app.cancel(task, by=ALICE)
    view = await ended(house, task)
    assert (view.state, view.exit_code) == (TaskState.CANCELLED, 8)
    assert await house.app.approvals() == []


async def test_cancel_stops_a_running_command():
    house = FakeHouse(FakeAgent([script("sleep"), Done(because="stopped", succeeded=False)]))
    task = await submit(house)
    async with asyncio.timeout(10):
        while not house.runner.ran:
            await asyncio.sleep(0.01)
    await house.app.cancel(task, by=ALICE)
    assert (await ended(house, task)).state is TaskState.CANCELLED


async def test_cancel_stops_an_agent_in_mid_thought():
    class Slow(FakeAgent):
        async def propose(self, request):
            await asyncio.sleep(60)

    house = FakeHouse(Slow())
    task = await submit(house)
    async with asyncio.timeout(10):
        while "instructions.found" not in {event.kind for event in house.journal.events}:
            await asyncio.sleep(0.01)
    await house.app.cancel(task, by=ALICE)
    assert (await ended(house, task)).state is TaskState.CANCELLED


async def test_a_dead_provider_ends_the_task_with_its_reason():
    class Dead(FakeAgent):
        async def plan(self, request):
            raise ProviderError("The model is away.")

        async def answer(self, request):
            raise ProviderError("The model is away.")

    house = FakeHouse(Dead())
    view = await ended(house, await submit(house))
    assert (view.state, view.exit_code) == (TaskState.FAILED, 6)
    assert "The model is away." in view.answer.text
