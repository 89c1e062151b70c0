import asyncio
from datetime import UTC, datetime

import pytest

from itops.app import Wish
from itops.domain.approval import ApprovalState
from itops.domain.event import InstructionRated, Record, TaskSubmitted
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction
from itops.domain.plan import Question, ScriptProposal
from itops.domain.result import ResultState
from itops.domain.target import Platform
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision
from itops.errors import JournalError, NotPermitted, UnknownTarget, UsageError
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakeLibrary, FakePolicy
from itops.workflow.task_view import TaskView

ANN, BOB = Person(id="ann"), Person(id="bob")
CHANGE = ScriptProposal(language="bash", text="change")


def asking(**parts) -> FakeHouse:
    return FakeHouse(FakeAgent([CHANGE]), policy=FakePolicy(Decision.ASK), **parts)


async def submit(house: FakeHouse, words: str = "do it", **wish) -> str:
    return (await house.app.submit(Wish(words=words, requester=ANN, **wish))).id


async def until(house: FakeHouse, task: str, state: TaskState) -> TaskView:
    async with asyncio.timeout(10):
        while (view := await house.app.status(task)).state is not state:
            await asyncio.sleep(0.005)
    return view


async def watched(house: FakeHouse, task: str, after: int = 0) -> list[Record]:
    return [record async for record in house.app.watch(task, after=after)]


async def test_a_task_is_recorded_as_it_was_wished_for():
    house = FakeHouse()
    wish = Wish(
        words="  show uptime ", requester=ANN, targets=("localhost",), agent="fake", auto="change", dry_run=True
    )
    task = await house.app.submit(wish)
    recorded = house.journal.events[0].submitted
    assert recorded == task
    assert (task.words, task.targets, task.auto, task.dry_run) == ("show uptime", ("localhost",), "change", True)
    assert task.id != await submit(house)


@pytest.mark.parametrize(
    "words", ["", " \n", "x" * 16_385, "ü" * 8_193, "a\x00b", "\x1b[31m", "\ufffd\ufffd", "\udcff"], ids=ascii
)
async def test_words_that_are_none_are_refused_before_anything_is_recorded(words):
    house = FakeHouse()
    with pytest.raises(UsageError):
        await submit(house, words)
    assert house.journal.events == []


async def test_words_up_to_the_limit_are_taken_with_their_lines():
    house = FakeHouse()
    await submit(house, "a\tb\r\n" + "x" * 16_379)
    assert len(house.journal.events) > 0


@pytest.mark.parametrize("wish", [{"targets": ("web-3",)}, {"words": "restart it on web-3"}])
async def test_an_unknown_target_is_refused_before_anything_is_recorded(wish):
    house = FakeHouse()
    with pytest.raises(UnknownTarget):
        await submit(house, **wish)
    assert house.journal.events == []


async def test_an_unknown_agent_is_refused_with_those_that_are_there():
    with pytest.raises(UsageError, match="there are: fake"):
        await submit(FakeHouse(), agent="clever")


async def test_a_task_that_can_not_be_recorded_is_not_started():
    house = FakeHouse(FakeAgent([CHANGE]))
    house.journal.failure = JournalError("The disk is full.")
    with pytest.raises(JournalError):
        await submit(house)
    assert house.engine._running == {}


async def test_watching_gives_every_event_once_in_order_until_the_end():
    house = FakeHouse(FakeAgent([CHANGE]))
    seen = await watched(house, await submit(house))
    assert [record.event for record in seen] == house.journal.events
    assert seen[-1].event.kind == "task.ended"
    assert await watched(house, seen[0].event.task, after=seen[-2].seq) == seen[-1:]


async def test_who_watches_is_told_when_the_end_can_not_be_recorded():
    house = asking()
    task = await submit(house)
    view = await until(house, task, TaskState.WAITING)
    await house.desk.decide(view.approval.id, approve=False, by=ANN, reason="no")
    house.journal.failure = JournalError("The disk is full.")
    await house.engine.nudge(task)
    with pytest.raises(JournalError, match="disk is full"):
        await asyncio.wait_for(watched(house, task), 10)


async def test_an_unknown_task_is_said_at_every_door():
    app = FakeHouse().app
    for call in (
        app.status("t0"),
        app.answer("t0", "x", by=ANN),
        app.cancel("t0", by=ANN),
        app.resume("t0"),
        app.resolve("t0", done=True, reason="x", by=ANN),
        app.reveal("t0", by=ANN),
    ):
        with pytest.raises(UsageError, match="There is no task 't0'"):
            await call


async def test_tasks_are_listed_newest_first_and_by_conversation():
    house = FakeHouse()
    first = await submit(house, conversation="a")
    others = [await submit(house) for _ in range(3)]
    assert [view.id for view in await house.app.tasks(limit=2)] == [others[2], others[1]]
    assert [view.id for view in await house.app.tasks(limit=2, conversation="a")] == [first]
    assert await house.app.tasks(conversation="b") == []


async def test_a_decision_is_made_once():
    house = asking()
    task = await submit(house)
    await until(house, task, TaskState.WAITING)
    (approval,) = await house.app.approvals(task)
    assert (await house.app.decide(approval.id, approve=True, by=ANN)).state is ApprovalState.APPROVED
    with pytest.raises(UsageError):
        await house.app.decide(approval.id, approve=False, by=BOB, reason="late")
    await house.app.settled(task)
    assert (await house.app.approval(approval.id)).state is ApprovalState.REDEEMED


async def test_an_answer_wants_an_open_question_and_words():
    house = FakeHouse(FakeAgent([Question(text="Which?"), Question(text="Sure?"), CHANGE]))
    task = await submit(house)
    await until(house, task, TaskState.WAITING)
    with pytest.raises(UsageError):
        await house.app.answer(task, " ", by=ANN)
    await house.app.answer(task, "this", by=ANN)
    async with asyncio.timeout(10):
        while (view := await house.app.status(task)).question is None or view.question.text != "Sure?":
            await asyncio.sleep(0.005)
    await house.app.answer(task, "yes", by=ANN)
    await house.app.settled(task)
    assert [exchange.answer for exchange in house.agent.requests[-1].exchanges] == ["this", "yes"]
    with pytest.raises(UsageError, match="asks nothing"):
        await house.app.answer(task, "more", by=ANN)


async def test_a_question_that_was_open_at_the_end_can_not_be_answered_any_more():
    house = FakeHouse(FakeAgent([Question(text="Which?")]))
    task = await submit(house)
    await until(house, task, TaskState.WAITING)
    await house.app.cancel(task, by=ANN)
    await until(house, task, TaskState.CANCELLED)
    with pytest.raises(UsageError, match="asks nothing"):
        await house.app.answer(task, "this", by=ANN)


async def test_an_ended_task_is_neither_cancelled_nor_resumed():
    house = FakeHouse()
    task = await submit(house)
    await house.app.settled(task)
    recorded = len(house.journal.events)
    for call in (house.app.cancel(task, by=ANN), house.app.resume(task)):
        with pytest.raises(UsageError, match="has ended"):
            await call
    assert len(house.journal.events) == recorded


@pytest.mark.parametrize("act", ["resume", "cancel"])
async def test_a_task_that_was_recorded_but_never_started_is_started(act):
    house = FakeHouse()
    task = Task(id="t1", words="do it", requester=ANN, submitted_at=datetime.now(UTC))
    await house.journal.append(TaskSubmitted(task="t1", key="submitted", submitted=task))
    await (house.app.resume("t1") if act == "resume" else house.app.cancel("t1", by=ANN))
    await house.app.settled("t1")
    assert (await house.app.status("t1")).state.ended


async def test_an_unknown_outcome_is_resolved_by_who_looked_and_says_what_they_saw():
    house = FakeHouse(FakeAgent([CHANGE]), states=[ResultState.UNKNOWN])
    task = await submit(house)
    await until(house, task, TaskState.UNKNOWN)
    with pytest.raises(UsageError, match="--reason"):
        await house.app.resolve(task, done=True, reason=" ", by=ANN)
    await house.app.resolve(task, done=True, reason="it is there", by=ANN)
    await house.app.settled(task)
    with pytest.raises(UsageError, match="no unknown outcome"):
        await house.app.resolve(task, done=True, reason="again", by=ANN)


async def test_secrets_are_shown_to_their_requester_alone_once_and_on_record_without_their_value():
    house = FakeHouse(secrets={"password": "s3cret"})
    task = await submit(house)
    await house.app.settled(task)
    with pytest.raises(NotPermitted):
        await house.app.reveal(task, by=BOB)
    shown = await house.app.reveal(task, by=ANN)
    assert {name: secret.reveal() for name, secret in shown.items()} == {"password": "s3cret"}
    assert await house.app.reveal(task, by=ANN) == {}
    assert house.journal.events[-1].kind == "secret.revealed"
    assert not any("s3cret" in event.model_dump_json() for event in house.journal.events)


def test_targets_are_listed():
    assert [target.name for target in FakeHouse().app.targets()] == ["local"]


def knowing(*names: str) -> FakeHouse:
    """An agent that does what each of these instructions says, one after the other."""
    blocks = {name: (Block(kind="run", language="bash", text=name),) for name in names}
    known = [Instruction(id=name, title=name, platform=Platform.LINUX, blocks=blocks[name]) for name in names]
    proposals = [ScriptProposal(language="bash", text=each.id, instruction=each.ref, look=True) for each in known]
    return FakeHouse(FakeAgent(proposals), library=FakeLibrary(*known))


async def test_feedback_is_on_every_instruction_that_the_task_used():
    house = knowing("a.one", "a.two")
    task = await submit(house)
    used = (await until(house, task, TaskState.SUCCEEDED)).used
    assert await house.app.feedback(task, "helped", by=BOB, comment=" thanks ") == used
    rated = [event for event in house.journal.events if isinstance(event, InstructionRated)]
    assert [(each.instruction.id, each.opinion, each.comment, each.by) for each in rated] == [
        ("a.one", "helped", "thanks", BOB),
        ("a.two", "helped", "thanks", BOB),
    ]
    [second] = await house.app.feedback(task, "wrong", by=BOB, instruction="a.two")
    assert second == used[1]


async def test_feedback_is_only_on_what_the_task_used_and_only_at_its_end():
    house = knowing("a.one")
    task = await submit(house)
    await until(house, task, TaskState.SUCCEEDED)
    with pytest.raises(UsageError, match=r"did not use the instruction 'a\.two'") as refusal:
        await house.app.feedback(task, "wrong", by=BOB, instruction="a.two")
    assert refusal.value.mend == "It used: a.one."
    with pytest.raises(UsageError, match="There is no task"):
        await house.app.feedback("t0", "wrong", by=BOB)
    with pytest.raises(UsageError):
        await house.app.feedback(task, "wrong", by=BOB, comment="x" * 20_000)
    waits = asking()
    task = await submit(waits)
    await until(waits, task, TaskState.WAITING)
    with pytest.raises(UsageError, match="has not ended"):
        await waits.app.feedback(task, "wrong", by=BOB)
    assert not any(isinstance(event, InstructionRated) for event in (*house.journal.events, *waits.journal.events))


async def test_a_task_that_succeeded_is_drafted_and_saved():
    house = FakeHouse(FakeAgent([CHANGE]))
    task = await submit(house, "make it")
    await until(house, task, TaskState.SUCCEEDED)
    made = await house.app.draft(task, identity="a.new")
    assert (made.id, made.title, house.learning.kept) == ("a.new", "make it", [])
    assert await house.app.save(task, identity="a.new", title="Make it", by=ANN) == house.learning.kept[0]
    assert house.learning.kept[0].title == "Make it"


async def test_a_task_that_did_not_succeed_is_not_saved():
    house = asking()
    task = await submit(house)
    await until(house, task, TaskState.WAITING)
    await house.app.cancel(task, by=ANN)
    await until(house, task, TaskState.CANCELLED)
    with pytest.raises(UsageError, match="did not succeed: cancelled"):
        await house.app.save(task, identity="a.new", by=ANN)
