import asyncio

from itops.app import Wish
from itops.conversation.conversation_manager import ConversationManager
from itops.domain.identity import Person
from itops.domain.plan import Question, ScriptProposal
from itops.domain.task import TaskState
from itops.testing.fake_rooms import FakeAgent, FakeHouse

ANN = Person(id="ann")


def wish(words: str, conversation: str = "c1") -> Wish:
    return Wish(words=words, requester=ANN, conversation=conversation)


async def until_it_asks(house: FakeHouse, task: str) -> None:
    async with asyncio.timeout(10):
        while (await house.app.status(task)).question is None:
            await asyncio.sleep(0.005)


async def test_words_start_a_task_that_knows_the_turns_before_it():
    house = FakeHouse()
    talk = ConversationManager(house.app)
    first = await talk.say(wish("show uptime"))
    await house.app.settled(first)
    second = await talk.say(wish("and again"))
    task = (await house.app.status(second)).task
    assert [(turn.words, turn.answer) for turn in task.history] == [("show uptime", "answered")]
    assert [view.id for view in await talk.tasks("c1")] == [first, second]


async def test_conversations_do_not_hear_each_other():
    house = FakeHouse()
    talk = ConversationManager(house.app)
    await talk.say(wish("show uptime"))
    other = await talk.say(wish("show disks", "c2"))
    assert (await house.app.status(other)).task.history == ()


async def test_words_after_a_question_are_its_answer():
    house = FakeHouse(FakeAgent([Question(text="Which?"), ScriptProposal(language="bash", text="go")]))
    talk = ConversationManager(house.app)
    task = await talk.say(wish("unlock"))
    await until_it_asks(house, task)
    assert await talk.say(wish("alice")) == task
    await house.app.settled(task)
    assert house.agent.requests[-1].exchanges[0].answer == "alice"


async def test_words_after_a_task_that_was_cancelled_with_its_question_open_are_a_new_task():
    house = FakeHouse(FakeAgent([Question(text="Which?")]))
    talk = ConversationManager(house.app)
    task = await talk.say(wish("unlock"))
    await until_it_asks(house, task)
    await house.app.cancel(task, by=ANN)
    await house.app.settled(task)
    assert (await house.app.status(task)).state is TaskState.CANCELLED
    assert await talk.say(wish("show uptime")) != task


async def test_only_the_latest_turns_are_kept():
    house = FakeHouse()
    talk = ConversationManager(house.app)
    for number in range(12):
        last = await talk.say(wish(f"number {number}"))
        await house.app.settled(last)
    history = (await house.app.status(last)).task.history
    assert [turn.words for turn in history] == [f"number {number}" for number in range(1, 11)]
