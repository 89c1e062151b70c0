import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import pytest

from itops.app import Wish
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, SecretSpec
from itops.domain.plan import Question, ScriptProposal
from itops.domain.target import Platform
from itops.domain.verdict import Decision
from itops.entrypoints.chat import Chat, Talk, new_conversation
from itops.errors import NotPermitted, UsageError
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakeLibrary, FakePolicy

ME = Person(id="me")
CHANGE = ScriptProposal(language="bash", text="mkdir /srv/x", purpose="Make a folder")


def chat_of(house: FakeHouse, person: Person = ME) -> Chat:
    return Chat(house.app, house.journal, person=person, poll_seconds=0.01)


def asking(**more: object) -> FakeHouse:
    return FakeHouse(FakeAgent([CHANGE]), policy=FakePolicy(Decision.ASK), **more)  # type: ignore[arg-type]


def wish(words: str = "make a folder", conversation: str = "c1", person: Person = ME) -> Wish:
    return Wish(words=words, requester=person, conversation=conversation)


async def until(talks: AsyncGenerator[Talk], is_there: Callable[[Talk], bool]) -> Talk:
    async with asyncio.timeout(20):
        async for talk in talks:
            if is_there(talk):
                return talk
    raise AssertionError("the stream ended")


def ended(talk: Talk) -> bool:
    return bool(talk.tasks) and talk.tasks[-1].view.state.ended


async def test_a_task_is_followed_from_its_words_to_its_end() -> None:
    chat = chat_of(asking())
    async with aclosing(chat.follow("c1")) as talks:
        assert (await anext(talks)).tasks == []
        await chat.say(wish())
        talk = await until(talks, lambda talk: bool(talk.tasks) and talk.tasks[0].view.approval is not None)
        await chat.decide(talk.tasks[0].view.approval.id, approve=True, reason="")
        talk = await until(talks, ended)
    assert [message.kind for message in talk.tasks[0].messages][:3] == ["request", "plan", "script"]
    assert talk.tasks[0].messages[-1].kind == "end"


async def test_what_was_told_is_told_again_to_the_next_page() -> None:
    chat = chat_of(asking())
    async with aclosing(chat.follow("c1")) as talks:
        await chat.say(wish())
        first = await until(talks, lambda talk: bool(talk.tasks) and talk.tasks[0].view.approval is not None)
        seen = list(first.tasks[0].messages)
    again = await anext(chat.follow("c1"))
    assert again.tasks[0].messages == seen
    assert (await anext(chat.follow("c2"))).tasks == []


async def test_an_event_is_taken_once() -> None:
    house = asking()
    await chat_of(house).say(wish())
    talk = Talk("c1", ME)
    for record in [*await house.journal.read(), *await house.journal.read()]:
        talk.take(record)
    assert [message.kind for message in talk.tasks[0].messages].count("request") == 1


async def test_words_wait_for_the_task_before_them() -> None:
    house = asking()
    chat = chat_of(house)
    await chat.say(wish())
    with pytest.raises(UsageError, match="has not ended"):
        await chat.say(wish("another"))
    await chat.say(wish("another", conversation="c2"))
    assert len(await house.app.tasks()) == 2


async def test_words_answer_an_open_question() -> None:
    house = FakeHouse(FakeAgent([Question(text="Which folder?"), CHANGE]))
    chat = chat_of(house)
    async with aclosing(chat.follow("c1")) as talks:
        await chat.say(wish())
        await until(talks, lambda talk: bool(talk.tasks) and talk.tasks[0].view.question is not None)
        await chat.say(wish("/srv/x"))
        talk = await until(talks, ended)
    assert len(talk.tasks) == 1
    assert "reply" in [message.kind for message in talk.tasks[0].messages]


async def test_a_rejection_needs_a_reason() -> None:
    with pytest.raises(UsageError, match="reason"):
        await chat_of(asking()).decide("a1", approve=False, reason="  ")


async def test_an_address_without_a_conversation_shows_and_starts_nothing() -> None:
    house = asking()
    await house.app.submit(wish(conversation=""))
    chat = chat_of(house)
    assert (await anext(chat.follow(""))).tasks == []
    with pytest.raises(UsageError, match="no conversation"):
        await chat.say(wish(conversation=""))
    assert len(await house.app.tasks()) == 1


async def test_cancel() -> None:
    chat = chat_of(asking())
    async with aclosing(chat.follow("c1")) as talks:
        await chat.say(wish())
        talk = await until(talks, lambda talk: bool(talk.tasks) and talk.tasks[0].view.approval is not None)
        await chat.cancel(talk.tasks[0].view.id)
        talk = await until(talks, ended)
    assert talk.tasks[0].view.state.value == "cancelled"


async def test_a_secret_is_offered_until_it_was_shown() -> None:
    with_secret = asking(secrets={"password": "hunter2"})
    chat = chat_of(with_secret)
    async with aclosing(chat.follow("c1")) as talks:
        await chat.say(wish())
        talk = await until(talks, lambda talk: bool(talk.tasks) and talk.tasks[0].view.approval is not None)
        action = talk.tasks[0].view.actions[talk.tasks[0].view.approval.action]
        spec = SecretSpec(name="password", generate=True)
        action.script = action.script.model_copy(update={"secrets": (spec,)})
        assert not talk.tasks[0].has_secret
        await chat.decide(talk.tasks[0].view.approval.id, approve=True, reason="")
        talk = await until(talks, ended)
        assert talk.tasks[0].has_secret
        task = talk.tasks[0].view.id
        with pytest.raises(NotPermitted):
            await chat_of(with_secret, Person(id="you")).reveal(task)
        assert await chat.reveal(task) == {"password": "hunter2"}
        talk = await until(talks, lambda talk: talk.tasks[0].is_revealed)
    assert not talk.tasks[0].has_secret
    assert await chat.reveal(task) == {}


async def test_conversations_are_the_persons_own_latest_first() -> None:
    house = asking()
    chat = chat_of(house)
    assert await chat.latest() != await chat.latest()
    await chat.say(wish("first words", "c1"))
    await chat.say(wish("second words", "c2"))
    await house.app.submit(wish("of nobody's", ""))
    await house.app.submit(wish("of another", "c3", Person(id="you")))
    talk = await anext(chat.follow("c1"))
    assert [(each.id, each.title) for each in talk.conversations] == [("c2", "second words"), ("c1", "first words")]
    assert await chat.latest() == "c2"
    await house.app.submit(wish("more words", "c1"))
    talk = await anext(chat.follow("c1"))
    assert [(each.id, each.title) for each in talk.conversations] == [("c1", "first words"), ("c2", "second words")]


async def test_it_ticks_without_news_and_ends_when_closed() -> None:
    chat = chat_of(asking())
    talks = chat.follow("c1", tick_seconds=0.02)
    assert await anext(talks) is await anext(talks)
    chat.close()
    assert [talk async for talk in talks] == []


def test_ids_of_conversations_differ() -> None:
    assert len({new_conversation() for _ in range(100)}) == 100
    assert new_conversation().isalnum()


async def test_a_task_that_used_an_instruction_is_rated_once_by_each_person() -> None:
    block = Block(kind="run", language="bash", text="mkdir /srv/x")
    known = Instruction(id="a.b", title="Make a folder", platform=Platform.LINUX, blocks=(block,))
    exact = CHANGE.model_copy(update={"instruction": known.ref})
    house = FakeHouse(FakeAgent([exact]), library=FakeLibrary(known))
    chat = chat_of(house)
    async with aclosing(chat.follow("c1")) as talks:
        await chat.say(wish())
        told = (await until(talks, ended)).tasks[0]
        assert told.may_be_rated_by(ME)
        await chat.rate(told.view.id, "helped")
        talk = await until(talks, lambda talk: bool(talk.tasks[0].rated_by))
    assert not talk.tasks[0].may_be_rated_by(ME)
    assert talk.tasks[0].may_be_rated_by(Person(id="you"))
    assert talk.tasks[0].messages[-1].text == "me says of a.b: helped"


async def test_a_task_without_an_instruction_is_not_rated() -> None:
    chat = chat_of(FakeHouse(FakeAgent([CHANGE])))
    async with aclosing(chat.follow("c1")) as talks:
        await chat.say(wish())
        told = (await until(talks, ended)).tasks[0]
    assert not told.may_be_rated_by(ME)
    with pytest.raises(UsageError, match="did not use an instruction"):
        await chat.rate(told.view.id, "wrong")
