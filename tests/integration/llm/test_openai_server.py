"""The loopback server speaks the wire format that the provider's own client understands."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import openai
import pytest

from itops.testing.openai_server import ModelReply, OpenAiServer, failure, in_turn

HELLO = [{"role": "user", "content": "hello"}]
LONG = "All is well, and this text is longer than one piece. ✓"


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    with OpenAiServer(in_turn(LONG)) as running:
        yield running


def client(server: OpenAiServer) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key="k", max_retries=0)


def test_a_completion(server: OpenAiServer) -> None:
    done = client(server).chat.completions.create(model="m", messages=HELLO)
    assert done.choices[0].message.content == LONG
    assert done.choices[0].finish_reason == "stop"
    assert done.usage
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens
    assert server.requests[0]["messages"] == HELLO
    assert server.keys == ["k"]


def test_a_stream_comes_in_pieces_with_usage_at_its_end(server: OpenAiServer) -> None:
    stream = client(server).chat.completions.create(
        model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(piece or "" for piece in pieces) == LONG
    assert len([piece for piece in pieces if piece]) > 1
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens > 0


def test_a_stream_ends_with_done(server: OpenAiServer) -> None:
    said = httpx.post(f"{server.base_url}/chat/completions", json={"messages": HELLO, "stream": True})
    assert said.headers["content-type"] == "text/event-stream"
    assert said.text.endswith("data: [DONE]\n\n")


def test_structured_output_is_accepted(server: OpenAiServer) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    client(server).chat.completions.create(model="m", messages=HELLO, response_format=shape)  # type: ignore[call-overload]
    assert server.requests[0]["response_format"] == shape


def test_models_are_listed(server: OpenAiServer) -> None:
    assert [model.id for model in client(server).models.list()] == ["smart"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_errors_are_those_of_the_provider(status: int, error: type[openai.APIStatusError]) -> None:
    with OpenAiServer(in_turn(failure(status, "no", code="c", retry_after=7))) as server:
        with pytest.raises(error) as caught:
            client(server).chat.completions.create(model="m", messages=HELLO)
        assert caught.value.response.headers["retry-after"] == "7"
        assert caught.value.body == {"message": "no", "type": caught.value.type, "param": None, "code": "c"}


def test_what_it_does_not_know_is_not_found(server: OpenAiServer) -> None:
    assert httpx.get(f"{server.base_url}/nothing").status_code == 404
    assert httpx.post(f"{server.base_url}/nothing", json={}).status_code == 404
    assert httpx.post(f"{server.base_url}/chat/completions", content="{").status_code == 400


def test_a_connection_may_be_dropped() -> None:
    with OpenAiServer(in_turn(ModelReply(dropped=True))) as server, pytest.raises(openai.APIConnectionError):
        client(server).chat.completions.create(model="m", messages=HELLO)


def test_it_closes_while_a_reply_is_waited_for() -> None:
    with OpenAiServer(in_turn(ModelReply("late", seconds=600))) as server:
        waiting = threading.Thread(target=lambda: client(server).chat.completions.create(model="m", messages=HELLO))
        waiting.start()
        while not server.requests:
            waiting.join(0.01)
    waiting.join(30)
    assert not waiting.is_alive()


def test_it_is_a_program() -> None:
    command = [sys.executable, "-m", "itops.testing.openai_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        address = program.stdout.readline().split()[0].partition("=")[2]
        said = httpx.post(f"{address}/chat/completions", json={"messages": HELLO}).json()
        program.terminate()
    assert json.loads(said["choices"][0]["message"]["content"]) == {}
