"""A provider's embeddings: asked in batches, patient with what passes, clear about what does not."""

import json
import math
import re
import socket
import time
import traceback
from collections.abc import Iterator

import pytest

from itops.errors import SettingsError, StoreError
from itops.instructions.index import remote_embeddings
from itops.instructions.index.remote_embeddings import OpenAiEmbeddings
from itops.testing.openai_server import ModelReply, OpenAiServer, failure, in_turn, vectors

KEY = "sk-a-key-that-nobody-may-see"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAiServer]:
    with OpenAiServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield server


def refused(embeddings: OpenAiEmbeddings) -> StoreError:
    with pytest.raises(StoreError) as refusal:
        embeddings.embed(["a text"])
    assert KEY not in "".join(traceback.format_exception(refusal.value))
    assert refusal.value.exit_code == 6
    return refusal.value


def test_one_vector_of_length_1_a_text_in_order(server: OpenAiServer) -> None:
    texts = [f"text {number}" for number in range(300)]
    found = OpenAiEmbeddings("small").embed(texts)
    for number in (0, 127, 128, 299):
        assert OpenAiEmbeddings("small").embed([texts[number]]) == [found[number]]
    assert all(math.isclose(math.hypot(*vector), 1, abs_tol=1e-5) for vector in found)
    assert [len(request["input"]) for request in server.requests[:3]] == [128, 128, 44]
    assert {request["model"] for request in server.requests} == {"small"}
    assert set(server.keys) == {KEY}


def test_rows_in_another_order_find_their_place(server: OpenAiServer) -> None:
    upright = OpenAiEmbeddings("small").embed(["one", "two"])

    def reversed_rows(request: dict[str, object]) -> ModelReply:
        answer = json.loads(vectors(request).body)
        return ModelReply(body=json.dumps({**answer, "data": answer["data"][::-1]}))

    server.embeddings = reversed_rows
    assert OpenAiEmbeddings("small").embed(["one", "two"]) == upright


def test_what_leaves_is_redacted_and_never_empty(server: OpenAiServer) -> None:
    OpenAiEmbeddings("small", redact=lambda text: text.replace("hunter2", "[password]")).embed(["is hunter2", ""])
    assert server.requests[0]["input"] == ["is [password]", " "]


@pytest.mark.parametrize(
    "trouble",
    [failure(503, "Busy."), failure(429, "Slow down.", retry_after=0), ModelReply(dropped=True)],
    ids=["503", "429", "dropped"],
)
def test_what_passes_by_itself_is_tried_again(server: OpenAiServer, trouble: ModelReply) -> None:
    good = vectors({"input": ["a text"], "model": "small"})
    server.embeddings = in_turn(trouble, good)
    assert len(OpenAiEmbeddings("small").embed(["a text"])) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "words", "asked"),
    [
        (failure(401, f"Incorrect key {KEY}."), "refuses the key \\(401\\)", 1),
        (failure(404, "No such model."), "does not know the embedding model openai:small", 1),
        (failure(400, f"Odd request with {KEY}."), "fails \\(400\\): Odd request with \\[key\\]", 1),
        (failure(429, "insufficient_quota"), "fails \\(429\\): insufficient_quota", 1),
        (failure(429, "Wait.", retry_after=1000), "fails \\(429\\): Wait", 1),
        (failure(500, "Broken."), "fails \\(500\\): Broken", 3),
        (ModelReply(dropped=True), "broke", 3),
        (ModelReply(body="<html>"), "can't be read", 1),
        (ModelReply(body='{"data": []}'), "can't be read", 1),
        (ModelReply(body='{"data": [{"index": 0, "embedding": [0, 0]}]}'), "can't be read", 1),
        (ModelReply(body='{"data": [{"index": 0, "embedding": [NaN, 1]}]}'), "can't be read", 1),
        (ModelReply(body='{"data": [{"index": 0, "embedding": "abc"}]}'), "can't be read", 1),
        (ModelReply(body="[]"), "can't be read", 1),
    ],
)
def test_what_does_not_pass_is_told(server: OpenAiServer, reply: ModelReply, words: str, asked: int) -> None:
    server.embeddings = in_turn(reply)
    error = refused(OpenAiEmbeddings("small"))
    assert re.search(words, error.what)
    assert error.mend
    assert len(server.requests) == asked


def test_a_provider_that_does_not_answer_is_given_up(server: OpenAiServer) -> None:
    server.embeddings = in_turn(ModelReply(seconds=30))
    began = time.monotonic()
    assert "no answer within 0.5 seconds" in refused(OpenAiEmbeddings("small", time_limit_seconds=0.5)).what
    assert time.monotonic() - began < 10


def test_a_provider_that_is_away_is_named_without_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://user:{KEY}@127.0.0.1:{port}/v1")
    error = refused(OpenAiEmbeddings("small"))
    assert f"can't be reached at http://127.0.0.1:{port}" in error.what
    assert "OPENAI_BASE_URL" in error.mend


@pytest.mark.parametrize("key", [None, "", "sk-ключ", "sk-a\nb"])
def test_a_key_that_cant_be_sent_is_refused_before_anything_is(
    monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    error = refused(OpenAiEmbeddings("small"))
    assert "OPENAI_API_KEY" in error.what
    assert not key or key not in str(error)


def test_a_server_of_ones_own_may_need_no_key(server: OpenAiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert OpenAiEmbeddings("small").embed(["a text"])
    assert server.keys == [""]


@pytest.mark.parametrize("address", ["provider", "ftp://provider/v1", "http://", "http://[::1", "http://a:port/v1"])
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
        OpenAiEmbeddings("small")


def test_each_server_has_a_space_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    for address in (
        None,
        "https://api.openai.com/v1/",
        "http://u:p@one:8080/v1",
        "http://one:8080/v2",
        "http://two/v1",
    ):
        monkeypatch.setenv("OPENAI_BASE_URL", address or remote_embeddings._ADDRESS)
        names.add(OpenAiEmbeddings("small").name)
    assert names == {
        "openai:small",
        "openai:small@http://one:8080/v1",
        "openai:small@http://one:8080/v2",
        "openai:small@http://two/v1",
    }
