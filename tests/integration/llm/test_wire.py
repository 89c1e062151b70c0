"""The provider layer against a server that speaks the real wire format."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import BaseModel

from itops.errors import ProviderError
from itops.llm.language_model import LanguageModel, Message, ModelRequest, Tool
from itops.llm.providers import Dialect, create_model
from itops.llm.redacted import RedactedModel
from itops.llm.retries import RetryingModel
from itops.llm.structured import Reply, converse
from itops.testing.openai_server import ModelReply, OpenAiServer, failure, in_turn

ASKED = (Message(role="system", text="rules"), Message(role="user", text="the word is hunter2"))
GOOD = '{"count": 3}'


class Wanted(BaseModel):
    count: int


Serve = Callable[..., OpenAiServer]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    with contextlib.ExitStack() as stack:

        def start(*replies: ModelReply | str) -> OpenAiServer:
            server = stack.enter_context(OpenAiServer(in_turn(*replies)))
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            return server

        yield start


def model(time_limit: float = 30.0) -> LanguageModel:
    provider = create_model("openai:m", time_limit_seconds=time_limit)
    return RetryingModel(provider, time_limit_seconds=time_limit)


async def ask(asked: LanguageModel) -> Reply[Wanted]:
    return await converse(asked, ASKED, Wanted)


async def failing(time_limit: float = 30.0) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(model(time_limit))
    assert caught.value.mend
    return caught.value


async def test_good(serve: Serve) -> None:
    server = serve(GOOD)
    reply = await ask(model())
    assert reply.value.count == 3
    (request,) = server.requests
    assert server.keys == ["test-key"]
    assert (request["model"], request["stream"]) == ("m", False)
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert "tools" not in request
    assert "response_format" not in request


async def test_texts_are_redacted_before_they_leave_in_every_round(serve: Serve) -> None:
    server = serve("hunter2!", GOOD)
    redacting = RedactedModel(model(), lambda text: text.replace("hunter2", "[password]"))
    await ask(redacting)
    assert len(server.requests) == 2
    assert "hunter2" not in json.dumps(server.requests)
    assert "the word is [password]" in json.dumps(server.requests[0])


def test_one_model_is_asked_from_several_event_loops(serve: Serve) -> None:
    serve(GOOD)
    shared = model()
    assert [asyncio.run(ask(shared)).value.count for _ in range(3)] == [3, 3, 3]


async def test_a_rate_limit_passes(serve: Serve) -> None:
    server = serve(failure(429, "slow down", retry_after=1), GOOD)
    began = time.monotonic()
    assert (await ask(model())).usage.llm_calls == 1
    assert time.monotonic() - began >= 1
    assert len(server.requests) == 2


async def test_a_rate_limit_that_asks_for_too_long_is_told_at_once(serve: Serve) -> None:
    server = serve(failure(429, "slow down", retry_after=3600))
    error = await failing()
    assert "limits the rate (429)" in error.what
    assert error.transient
    assert len(server.requests) == 1


async def test_a_failing_provider_is_tried_three_times(serve: Serve) -> None:
    server = serve(failure(500, "boom"))
    error = await failing()
    assert "fails (500): boom" in error.what
    assert error.transient
    assert len(server.requests) == 3


async def test_garbage_is_corrected(serve: Serve) -> None:
    server = serve("Of course! I will {count", f"```json\n{GOOD}\n```")
    assert (await ask(model())).usage.llm_calls == 2
    assert "no complete JSON object" in server.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("reply", "says", "transient", "calls"),
    [
        ('{"count":', "nothing of the wanted shape", False, 2),
        (ModelReply('{"count":', finish_reason="length"), "cut off", False, 2),
        ("", "nothing of the wanted shape", False, 2),
        (ModelReply(refusal="I can't help with that."), "refuses to answer", False, 1),
        (failure(401, "Incorrect API key", code="invalid_api_key"), r"refuses the key \(401\)", False, 1),
        (failure(404, "No such model", code="model_not_found"), r"does not know the model openai:m \(404\)", False, 1),
        (failure(400, "maximum context length is 8", code="context_length_exceeded"), "too long", False, 1),
        (failure(400, "odd"), r"refuses the request \(400\): odd", False, 1),
        (failure(429, "You exceeded your current quota", code="insufficient_quota"), "quota", False, 1),
        (ModelReply(dropped=True), "broke", True, 3),
        (ModelReply(body="<html>", headers={"Content-Type": "text/html"}), "can't be read", False, 1),
        (ModelReply(body='{"choices": ['), "can't be read", False, 1),
        (ModelReply(body='{"a": 1}'), "can't be read", False, 1),
        (ModelReply(body="[]"), "can't be read", False, 1),
        (ModelReply(body=""), "can't be read", False, 1),
        (
            ModelReply(body='{"id":"i","object":"chat.completion","created":1,"model":"m","choices":[]}'),
            "read",
            False,
            1,
        ),
    ],
    ids=lambda value: "" if isinstance(value, ModelReply) else None,
)
async def test_what_goes_wrong_is_told(
    serve: Serve, reply: ModelReply | str, says: str, transient: bool, calls: int
) -> None:
    server = serve(reply)
    error = await failing()
    assert error.transient is transient
    assert len(server.requests) == calls
    with pytest.raises(ProviderError, match=says):
        raise error


async def test_a_dropped_connection_is_tried_again(serve: Serve) -> None:
    server = serve(ModelReply(dropped=True), GOOD)
    assert (await ask(model())).value.count == 3
    assert len(server.requests) == 2


async def test_a_slow_provider_is_given_up_within_the_time_limit(serve: Serve) -> None:
    serve(ModelReply(GOOD, seconds=60))
    began = time.monotonic()
    error = await failing(time_limit=0.5)
    assert "no answer within 0.5 seconds" in error.what
    assert error.transient
    assert time.monotonic() - began < 30


async def test_usage_is_estimated_where_the_provider_gives_none(serve: Serve) -> None:
    serve(ModelReply(GOOD, counted=False))
    usage = (await ask(model())).usage
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0


async def test_nothing_listens(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(GOOD)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        error = await failing()
    assert error.what == f"The provider of openai:m can't be reached at {address}."


async def test_an_address_that_swallows_connections_is_told_within_five_seconds(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(GOOD)
    await asyncio.gather(*(ask(model()) for _ in range(2)))
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{full.getsockname()[1]}/v1")
        began = time.monotonic()
        error = await failing()
    assert "can't be reached" in error.what
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("url", ["nowhere", "ftp://host/v1"])
async def test_what_is_no_address(serve: Serve, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    serve(GOOD)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert "is not an address" in (await failing()).what


@pytest.mark.parametrize(
    ("spec", "says"),
    [("nobody:m", "Unknown provider"), ("anthropic:m", "ANTHROPIC_API_KEY is not set"), ("openai:m", "needs a key")],
)
async def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, spec: str, says: str) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ProviderError, match=says):
        await ask(create_model(spec))


PLAIN = ModelRequest(messages=ASKED)
SHAPE = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
SHAPED = ModelRequest(messages=ASKED, shape=SHAPE)
LONG = "All is well, and this text is longer than one piece."


async def test_a_text_is_heard_piece_by_piece(serve: Serve) -> None:
    server, heard = serve(LONG), []
    said = await model().say(PLAIN, heard.append)
    assert len(heard) > 1
    assert "".join(heard) == said.text == LONG
    assert said.usage.output_tokens > 0
    assert server.requests[0]["stream"] is True


async def test_an_error_of_a_stream_is_told_as_any_other(serve: Serve) -> None:
    server, heard = serve(failure(500, "boom"), LONG), []
    assert (await model().say(PLAIN, heard.append)).text == LONG
    assert len(server.requests) == 2
    serve(failure(401, "no"))
    with pytest.raises(ProviderError, match="refuses the key"):
        await model().say(PLAIN, heard.append)


@pytest.mark.parametrize(
    ("dialect", "wanted"),
    [
        ("words", None),
        ("json_object", {"type": "json_object", "schema": SHAPE}),
        ("json_schema", "json_schema"),
    ],
)
async def test_a_shape_is_told_in_the_dialect_that_is_set(serve: Serve, dialect: Dialect, wanted: object) -> None:
    server = serve(GOOD)
    assert (await create_model("openai:m", dialect=dialect).say(SHAPED)).text == GOOD
    sent = server.requests[0].get("response_format")
    if wanted == "json_schema":
        assert sent["type"] == wanted
        assert sent["json_schema"]["schema"]["properties"] == SHAPE["properties"]
    else:
        assert sent == wanted
    assert "fits this JSON schema" in server.requests[0]["messages"][0]["content"]


async def test_tools_are_asked_for_in_words(serve: Serve) -> None:
    server = serve('{"tool": "search", "arguments": {"words": "disk"}}')
    request = ModelRequest(messages=ASKED, tools=(Tool(name="search", about="Finds instructions."),))
    said = await model().say(request)
    assert [(call.name, call.arguments) for call in said.calls] == [("search", {"words": "disk"})]
    assert "tools" not in server.requests[0]


async def test_the_most_output_is_told(serve: Serve) -> None:
    server = serve(GOOD)
    await model().say(PLAIN.model_copy(update={"most_output": 50}))
    assert server.requests[0]["max_completion_tokens"] == 50


async def test_an_address_that_never_answers_is_told_within_five_seconds(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(GOOD)
    await ask(model())
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(10)
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{mute.getsockname()[1]}/v1")
        began = time.monotonic()
        error = await failing()
    assert "can't be reached at http://127.0.0.1:" in error.what
    assert not error.billed
    assert time.monotonic() - began < 5


async def test_a_provider_that_thinks_for_long_is_waited_for(serve: Serve) -> None:
    serve(ModelReply(GOOD, seconds=4))
    assert (await ask(model())).value.count == 3


async def test_a_check_asks_the_model_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(GOOD)
    await create_model("openai:m").check()
    assert server.requests == []
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(ProviderError, match="needs a key"):
        await create_model("openai:m").check()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ProviderError, match="can't be reached"):
        await create_model("openai:m").check()
