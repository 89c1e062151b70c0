import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.app import Wish
from itops.conversation.event_view import Message
from itops.domain.event import TaskEnded
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction
from itops.domain.plan import Question, ScriptProposal
from itops.domain.target import Platform
from itops.domain.task import TaskState
from itops.domain.verdict import Decision
from itops.entrypoints.chat import Chat, Conversation, Talk, Told
from itops.entrypoints.screen import (
    About,
    Screen,
    conversations_html,
    header_html,
    notice_html,
    screen_of,
    secrets_html,
    task_html,
    text,
)
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakeLibrary, FakePolicy

ME = Person(id="me")
HOSTILE = '</code></pre><img src=x onerror="alert(1)"><script>1</script>\'"&'
TAGS = re.compile(r"</?([a-z0-9]+)")
OWN_TAGS = {
    "section", "div", "article", "header", "span", "h2", "h3", "p", "ul", "li", "pre", "code", "details", "summary",
    "nav", "a", "time", "h1", "dl", "dt", "dd", "q",
}  # fmt: skip


def tags(shown: str) -> set[str]:
    return set(TAGS.findall(shown))


async def screen_when(house: FakeHouse, is_there: Callable[[Screen], bool], words: str = "x") -> Screen:
    chat = Chat(house.app, house.journal, person=ME, poll_seconds=0.01)
    await chat.say(Wish(words=words, requester=ME, conversation="c1"))
    async for talk in chat.follow("c1"):
        screen = screen_of(talk)
        if is_there(screen):
            return screen
    raise AssertionError("the stream ended")


def changing(script: str) -> FakeHouse:
    proposal = ScriptProposal(language="bash", text=script, purpose=HOSTILE)
    return FakeHouse(FakeAgent([proposal]), policy=FakePolicy(Decision.ASK))


async def test_an_approval_is_shown_with_all_it_is_about() -> None:
    screen = await screen_when(changing("mkdir /srv/x"), lambda screen: bool(screen.approval))
    assert "Run exactly this on local?" in screen.asked
    assert "<code>mkdir /srv/x</code>" in screen.asked
    assert "effect: change" in screen.asked
    assert screen.task
    assert 'data-state="waiting"' in screen.transcript


async def test_a_question_is_shown() -> None:
    house = FakeHouse(FakeAgent([Question(text="Which <b>folder</b>?")]))
    screen = await screen_when(house, lambda screen: bool(screen.question))
    assert "Which &lt;b&gt;folder&lt;/b&gt;?" in screen.transcript
    assert (screen.approval, screen.asked) == ("", "")


async def test_after_the_end_nothing_is_asked() -> None:
    house = FakeHouse(FakeAgent([ScriptProposal(language="bash", text="true")]))
    screen = await screen_when(house, lambda screen: 'data-state="succeeded"' in screen.transcript)
    assert (screen.approval, screen.asked, screen.task, screen.question, screen.secret) == ("", "", "", "", "")
    assert "Working" not in screen.transcript


async def test_hostile_words_and_purposes_stay_text() -> None:
    screen = await screen_when(changing("mkdir x"), lambda screen: bool(screen.approval), words=HOSTILE)
    shown = screen.transcript + screen.asked + screen.conversations
    assert tags(shown) <= OWN_TAGS
    assert shown.count(html.escape(HOSTILE)) >= 3


KINDS = ["plan", "progress", "script", "verdict", "approval", "output", "question", "reply", "answer"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_message_is_escaped_and_shown(kind: Any) -> None:
    told = Told(messages=[Message(kind=kind, text=f"text {HOSTILE}", code=f"code {HOSTILE}")])
    shown = task_html(told)
    assert tags(shown) <= OWN_TAGS
    assert html.escape(HOSTILE) in shown


def test_an_empty_conversation_says_how_to_begin() -> None:
    screen = screen_of(Talk("c1", ME))
    assert "What is to be done" in screen.transcript
    assert screen.conversations.count("<li>") == 0


def test_every_state_has_words() -> None:
    for state in TaskState:
        told = Told()
        told.view.ended = TaskEnded(task="t1", key="ended", state=state)
        assert f'data-state="{state.value}"' in task_html(told)


def test_long_output_is_shown_by_its_ends() -> None:
    shown = task_html(Told(messages=[Message(kind="output", text="done", code="a" * 50_000 + "b" * 50_000)]))
    assert "80,000 characters are not shown here" in shown
    assert "aaa\n…" in shown
    assert "…\nbbb" in shown


def test_the_current_conversation_is_marked_and_titles_are_short() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    shown = conversations_html([Conversation("c1", "word " * 40, at), Conversation('c"2', "<b>", at)], "c1")
    assert shown.count("aria-current") == 1
    assert '?conversation=c1" aria-current' in shown
    assert "?conversation=c%222" in shown
    assert len(re.findall(r"<span>(.*?)</span>", shown)[0]) == 60
    assert "&lt;b&gt;" in shown


def test_the_head_names_what_answers() -> None:
    shown = header_html(About(agent="native", model="openai:m<1>", person="ann", machine="vm"))
    assert "agent native" in shown
    assert "openai:m&lt;1&gt;" in shown
    assert "no model" in header_html(About("template", "", "ann", "vm"))


def test_secrets_are_shown_or_said_to_be_gone() -> None:
    assert "<code>a&lt;b</code>" in secrets_html({"password": "a<b"})
    assert "no secret left" in secrets_html({})


def test_a_notice_leaves_out_what_is_empty() -> None:
    assert notice_html("What <b>.", "", "Mend.").count("<p>") == 2


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[31m", '<span class="unseen">U+001B</span>[31m'),
        ("\u202e", '<span class="unseen">U+202E</span>'),
        ("\u200b", '<span class="unseen">U+200B</span>'),
        ("\r", '<span class="unseen">U+000D</span>'),
        ("ä 日", "ä 日"),
    ],
)
def test_letters_that_cant_be_seen_are_made_visible(raw: str, shown: str) -> None:
    assert text(raw) == shown


@given(st.text())
def test_no_text_becomes_markup(raw: str) -> None:
    assert tags(text(raw)) <= {"span"}
    assert '"' not in text(raw).replace('<span class="unseen">', "")


async def test_the_latest_task_may_be_rated_once_it_has_ended() -> None:
    block = Block(kind="run", language="bash", text="uptime")
    known = Instruction(id="a.b", title="Uptime", platform=Platform.LINUX, blocks=(block,))
    proposal = ScriptProposal(language="bash", text="uptime", instruction=known.ref)
    waits = FakeHouse(FakeAgent([proposal]), library=FakeLibrary(known), policy=FakePolicy(Decision.ASK))
    assert (await screen_when(waits, lambda screen: bool(screen.approval))).rate == ""
    house = FakeHouse(FakeAgent([proposal]), library=FakeLibrary(known))
    screen = await screen_when(house, lambda screen: bool(screen.rate))
    assert screen.rate == (await house.app.tasks())[-1].id
