from contextlib import aclosing
from typing import Any

import pytest

from itops.app import Wish
from itops.domain.identity import Person
from itops.domain.plan import ScriptProposal
from itops.domain.verdict import Decision
from itops.entrypoints import gradio_app
from itops.entrypoints.chat import Chat
from itops.entrypoints.gradio_app import SCRIPT, STYLE, create_page, theme, updates
from itops.entrypoints.screen import About
from itops.errors import JournalError
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakePolicy

ME = Person(id="me")
SKIP = {"__type__": "update"}


def chat_of(house: FakeHouse) -> Chat:
    return Chat(house.app, house.journal, person=ME, poll_seconds=0.01)


@pytest.fixture(scope="module")
def page() -> Any:
    return create_page(chat_of(FakeHouse()), About("fake", "", "me", "here"))


def test_no_event_is_an_api_and_none_queues_behind_another(page: Any) -> None:
    functions = list(page.fns.values())
    assert len(functions) == 9
    assert {function.api_visibility for function in functions} == {"private"}
    assert {function.concurrency_limit for function in functions} == {None}


def test_nothing_is_reported_to_anyone(page: Any) -> None:
    assert page.analytics_enabled is False


def test_the_look_needs_nothing_from_elsewhere() -> None:
    assert theme()._stylesheets == []
    assert "http" not in STYLE.read_text(encoding="utf-8")
    assert "http" not in SCRIPT.read_text(encoding="utf-8")


async def test_only_what_changed_is_sent() -> None:
    house = FakeHouse(FakeAgent([ScriptProposal(language="bash", text="true")]), policy=FakePolicy(Decision.ASK))
    chat = chat_of(house)
    async with aclosing(updates(chat, "c1")) as stream:
        first = await anext(stream)
        assert "What is to be done" in first[0]
        assert first[2] == {"visible": False, **SKIP}
        await chat.say(Wish(words="x", requester=ME, conversation="c1"))
        async for update in stream:
            if isinstance(update[4], str) and update[4]:
                break
        assert update[2] == {"visible": True, **SKIP}
        assert update[5] == SKIP or update[5] == (await house.app.tasks())[0].id
        assert {len(first), len(update)} == {14}


async def test_an_error_is_shown_and_the_stream_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradio_app, "_RETRY_SECONDS", 0.01)
    house = FakeHouse()
    chat = chat_of(house)
    read = house.journal.read

    async def broken(**_: object) -> list[Any]:
        raise JournalError("The disk <is> full.")

    async with aclosing(updates(chat, "c1")) as stream:
        await anext(stream)
        house.journal.read = broken  # type: ignore[method-assign]
        update = await anext(stream)
        assert update[:-1] == [SKIP] * 13
        assert "The disk &lt;is&gt; full." in update[-1]
        house.journal.read = read  # type: ignore[method-assign]
        again = await anext(stream)
        while "disk" in str(again[-1]):
            again = await anext(stream)
        assert again[-1] == ""
    chat.close()


async def test_a_journal_that_never_answered_is_an_error_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FakeHouse()

    async def broken(**_: object) -> list[Any]:
        raise JournalError("The disk is full.")

    house.journal.read = broken  # type: ignore[method-assign]
    async with aclosing(updates(chat_of(house), "c1")) as stream:
        update = await anext(stream)
    assert update[:-1] == [SKIP] * 13
    assert "The disk is full." in update[-1]


async def test_the_buttons_say_what_the_latest_task_was_worth(page: Any) -> None:
    house = FakeHouse()
    await house.app.submit(Wish(words="x", requester=ME, conversation="c1"))
    async with aclosing(updates(chat_of(house), "c1")) as stream:
        assert (await anext(stream))[11:13] == [{"visible": False, **SKIP}, ""]
    labels = [block.value for block in page.blocks.values() if str(block.elem_id).startswith("rate-") and block.value]
    assert labels == ["Was this the right instruction?", "Helped", "Wrong", "Outdated"]
