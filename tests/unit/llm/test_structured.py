"""JSON is found in whatever a model writes, and corrected once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from itops.domain.outcome import Usage
from itops.errors import ProviderError
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.llm.structured import Misshapen, converse, read_reply

ASKED = (Message(role="system", text="rules"), Message(role="user", text="data"))


class Wanted(BaseModel):
    count: int
    words: list[str] = Field(default_factory=list)


@pytest.mark.parametrize(
    "text",
    [
        '{"count": 3}',
        '```json\n{"count": 3}\n```',
        'Sure! Here it is:\n\n{"count": 3}\n\nHope that helps {really}.',
        'Not {"total": 1} but {"count": 3}',
        '{"count": 1} is wrong, so {"count": 3}',
        '{"count": 3, "words": ["a\nb"]}',
        '{"outer": {"count": 9}} {"count": 3}',
        '<think>{"count": "many"}</think>{"count": 3, "extra": true}',
    ],
)
def test_the_last_fitting_object_is_read(text: str) -> None:
    assert read_reply(text, Wanted).count == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no complete JSON object"),
        ("no", "no complete JSON object"),
        ('{"count": 3', "no complete JSON object"),
        ("[3]", "no complete JSON object"),
        ('{"count": "many"}', "count: Input should be a valid integer"),
        ('{"words": []}', "count: Field required"),
        ("{" * 100_000, "no complete JSON object"),
        ('{"a":' * 50_000, "no complete JSON object"),
    ],
)
def test_what_has_not_the_shape_says_why(text: str, says: str) -> None:
    with pytest.raises(Misshapen, match=says):
        read_reply(text, Wanted)


@given(before=st.text(alphabet=st.characters(exclude_characters="{}")), count=st.integers(), words=st.lists(st.text()))
def test_prose_before_an_object_never_hides_it(before: str, count: int, words: list[str]) -> None:
    said = json.dumps({"count": count, "words": words})
    assert read_reply(before + said, Wanted) == Wanted(count=count, words=words)


class Talk:
    name = "m"

    def __init__(self, *texts: str, cut_off: bool = False) -> None:
        self.texts, self.cut_off = list(texts), cut_off
        self.heard: list[ModelRequest] = []

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        self.heard.append(request)
        usage = Usage(llm_calls=1, input_tokens=10, output_tokens=1)
        return Said(text=self.texts.pop(0), usage=usage, cut_off=self.cut_off)


async def test_the_shape_and_the_versions_go_with_every_round_and_only_the_first_may_repeat() -> None:
    talk = Talk("", '{"count": 3}')
    await converse(talk, ASKED, Wanted, versions=("a@1",))
    assert [request.versions for request in talk.heard] == [("a@1",)] * 2
    assert [request.repeatable for request in talk.heard] == [True, False]
    assert talk.heard[0].shape == talk.heard[1].shape
    assert "count" in (talk.heard[0].shape or {})["properties"]
    assert "title" not in (talk.heard[0].shape or {})


async def test_the_reply_names_the_model_that_gave_it() -> None:
    assert (await converse(Talk('{"count": 3}'), ASKED, Wanted)).model == "m"


async def test_one_corrective_round_shows_what_was_wrong_and_is_paid_for() -> None:
    talk = Talk('{"count": "many"}', '{"count": 3}')
    reply = await converse(talk, ASKED, Wanted)
    assert reply.value.count == 3
    assert reply.usage == Usage(llm_calls=2, input_tokens=20, output_tokens=2)
    echo, correction = talk.heard[1].messages[-2:]
    assert (echo.role, echo.text) == ("assistant", '{"count": "many"}')
    assert "count: Input should be a valid integer" in correction.text


async def test_a_good_reply_takes_one_call() -> None:
    talk = Talk('{"count": 3}')
    assert (await converse(talk, ASKED, Wanted)).usage.llm_calls == 1


async def test_a_second_bad_reply_is_an_error_that_is_not_transient() -> None:
    with pytest.raises(ProviderError, match="corrected once: there is no complete JSON object") as caught:
        await converse(Talk("", "x" * 50_000), ASKED, Wanted)
    assert not caught.value.transient


async def test_a_reply_cut_off_says_so() -> None:
    with pytest.raises(ProviderError, match="cut off at its length limit"):
        await converse(Talk('{"count":', '{"count":', cut_off=True), ASKED, Wanted)


async def test_a_long_wrong_reply_is_not_sent_back_whole() -> None:
    talk = Talk("x" * 50_000, '{"count": 3}')
    await converse(talk, ASKED, Wanted)
    assert len(talk.heard[1].messages[-2].text) <= 2000
