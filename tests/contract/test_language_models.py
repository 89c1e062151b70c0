"""Every LanguageModel, the fakes included, keeps the port's promises."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest
from pydantic import BaseModel

from itops.errors import ProviderError
from itops.llm.budget import with_budget
from itops.llm.language_model import LanguageModel, Message
from itops.llm.providers import create_model
from itops.testing.openai_server import OpenAiServer, in_turn
from itops.testing.scripted_model import ScriptedModel

ASKED = (Message(role="system", text="rules"), Message(role="user", text="data"))
MakeModel: TypeAlias = Callable[..., LanguageModel]


class Wanted(BaseModel):
    count: int


@pytest.fixture(params=["scripted", "budgeted", "provider"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeModel]:
    with ExitStack() as stack:

        def over_the_wire(*texts: str) -> LanguageModel:
            server = stack.enter_context(OpenAiServer(in_turn(*texts)))
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            monkeypatch.setenv("OPENAI_API_KEY", "test")
            return create_model("openai:m", time_limit_seconds=30)

        yield {
            "scripted": lambda *texts: ScriptedModel(texts),
            "budgeted": lambda *texts: with_budget(ScriptedModel(texts), tokens_left=10_000),
            "provider": over_the_wire,
        }[request.param]


async def test_a_reply_holds_a_value_and_what_it_cost(make: MakeModel) -> None:
    reply = await make('{"count": 3}').ask(ASKED, Wanted)
    assert reply.value == Wanted(count=3)
    assert reply.usage.llm_calls == 1
    assert reply.usage.input_tokens > 0
    assert reply.usage.output_tokens > 0


async def test_one_corrective_round_is_counted(make: MakeModel) -> None:
    reply = await make("what?", 'Well: {"count": 3}').ask(ASKED, Wanted)
    assert reply.value == Wanted(count=3)
    assert reply.usage.llm_calls == 2


async def test_nothing_of_the_shape_is_a_provider_error(make: MakeModel) -> None:
    with pytest.raises(ProviderError) as caught:
        await make("what?", "how?").ask(ASKED, Wanted)
    assert caught.value.world
    assert caught.value.mend


async def test_it_has_a_name(make: MakeModel) -> None:
    assert make('{"count": 3}').name
