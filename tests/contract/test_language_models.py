"""Every LanguageModel, each layer and the fakes included, keeps the port's promises."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import BaseModel

from itops.domain.budget import Budget
from itops.domain.identity import Person
from itops.domain.task import Task
from itops.errors import ProviderError
from itops.llm.budget import BudgetedModel
from itops.llm.cache import CachedModel
from itops.llm.circuit_breaker import BreakingModel
from itops.llm.fallback import FallbackModel
from itops.llm.language_model import LanguageModel, Message, ModelRequest, Tool
from itops.llm.layers import Layers
from itops.llm.prices import PricedModel
from itops.llm.providers import create_model
from itops.llm.redacted import RedactedModel
from itops.llm.retries import RetryingModel
from itops.llm.streaming import pieces
from itops.llm.structured import converse
from itops.llm.traced import TracedModel
from itops.testing.memory_ledger import MemoryLedger
from itops.testing.openai_server import OpenAiServer, in_turn
from itops.testing.scripted_model import ScriptedModel

ASKED = (Message(role="system", text="rules"), Message(role="user", text="data"))
REQUEST = ModelRequest(messages=ASKED)
TASK = Task(id="t1", words="x", requester=Person(id="ann", name="Ann"), submitted_at=datetime.now(UTC))
MakeModel: TypeAlias = Callable[..., LanguageModel]


class Wanted(BaseModel):
    count: int


LAYERS: dict[str, Callable[[LanguageModel, Path], LanguageModel]] = {
    "scripted": lambda inner, _: inner,
    "traced": lambda inner, _: TracedModel(inner, task="t", person="p"),
    "redacted": lambda inner, _: RedactedModel(inner, str),
    "cached": lambda inner, home: CachedModel(inner, home / "replies.db"),
    "budgeted": lambda inner, _: BudgetedModel(inner, MemoryLedger(), {"t": Budget(tokens=10_000)}),
    "fall-back": lambda inner, _: FallbackModel(inner, ScriptedModel([])),
    "fallen back": lambda inner, _: FallbackModel(ScriptedModel(lambda _: ProviderError("down")), inner),
    "breaking": lambda inner, _: BreakingModel(inner),
    "retrying": lambda inner, _: RetryingModel(inner, time_limit_seconds=30),
    "priced": lambda inner, _: PricedModel(inner, {}),
}


@pytest.fixture(params=[*LAYERS, "provider", "all layers"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MakeModel]:
    with ExitStack() as stack:

        def serve(*texts: str) -> None:
            server = stack.enter_context(OpenAiServer(in_turn(*texts)))
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            monkeypatch.setenv("OPENAI_API_KEY", "test")

        def over_the_wire(*texts: str) -> LanguageModel:
            serve(*texts)
            return create_model("openai:m", time_limit_seconds=30)

        def stacked(*texts: str) -> LanguageModel:
            serve(*texts)
            layers = Layers(
                model="openai:m", fallback="openai:n", ledger=MemoryLedger(), redact=str, cache=tmp_path / "c"
            )
            return layers.for_task(TASK, now=datetime.now(UTC))

        def layered(*texts: str) -> LanguageModel:
            return LAYERS[request.param](ScriptedModel(texts), tmp_path)

        yield {"provider": over_the_wire, "all layers": stacked}.get(request.param, layered)


async def test_what_it_says_has_a_cost(make: MakeModel) -> None:
    said = await make("All is well.").say(REQUEST)
    assert said.text == "All is well."
    assert said.usage.llm_calls == 1
    assert said.usage.input_tokens > 0
    assert said.usage.output_tokens > 0
    assert said.model


async def test_it_is_heard_piece_by_piece(make: MakeModel) -> None:
    heard = [piece async for piece in pieces(make("All is well, and it is a long text."), REQUEST)]
    assert "".join(piece for piece in heard[:-1] if isinstance(piece, str)) == "All is well, and it is a long text."
    assert not isinstance(heard[-1], str)


async def test_a_call_of_a_tool_is_read(make: MakeModel) -> None:
    request = REQUEST.model_copy(update={"tools": (Tool(name="search", about="Finds."),)})
    said = await make('{"tool": "search", "arguments": {"words": "disk"}}').say(request)
    assert [(call.name, call.arguments) for call in said.calls] == [("search", {"words": "disk"})]


async def test_one_corrective_round_is_counted(make: MakeModel) -> None:
    reply = await converse(make("what?", 'Well: {"count": 3}'), ASKED, Wanted)
    assert reply.value == Wanted(count=3)
    assert reply.usage.llm_calls == 2


async def test_nothing_of_the_shape_is_a_provider_error(make: MakeModel) -> None:
    with pytest.raises(ProviderError) as caught:
        await converse(make("what?", "how?"), ASKED, Wanted)
    assert caught.value.world
    assert caught.value.mend


async def test_it_has_a_name(make: MakeModel) -> None:
    assert make("x").name
