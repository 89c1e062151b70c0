"""A loopback server that speaks the wire format of OpenAI's chat completions and embeddings, with scripted behaviour.

``python -m itops.testing.openai_server --port 8900`` plays a competent model for the whole product; point
``OPENAI_BASE_URL`` at it and set ``ITOPS_LLM=openai:smart``.
"""

import argparse
import contextlib
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, cast

from itops.testing.smart_model import smart_text

_PIECE: Final = 16
_DIMENSION: Final = 64
_CHARACTERS_A_TOKEN: Final = 4


@dataclass(frozen=True)
class ModelReply:
    """What the server says to one request.

    ``seconds`` is how long it waits first; ``dropped`` closes the connection without an answer; ``body`` is sent as it
    is in place of a completion; ``counted`` false leaves the usage out.
    """

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    dropped: bool = False
    body: str | None = None
    refusal: str = ""
    finish_reason: str = "stop"
    counted: bool = True


Behaviour: TypeAlias = Callable[[dict[str, Any]], ModelReply]


def smart(request: dict[str, Any]) -> ModelReply:
    """Play a competent model: a sensible plan, proposal or answer for the prompt."""
    return ModelReply(smart_text([str(message.get("content") or "") for message in request["messages"]]))


def vectors(request: dict[str, Any]) -> ModelReply:
    """Embed each text: texts that share words are near each other, and a text has the same vector every time."""
    rows = [
        {"object": "embedding", "index": index, "embedding": _vector(text)}
        for index, text in enumerate(request["input"])
    ]
    return ModelReply(body=json.dumps({"object": "list", "model": request["model"], "data": rows}))


def _vector(text: str) -> list[float]:
    numbers = [0.01] * _DIMENSION
    for word in text.lower().split():
        numbers[zlib.crc32(word.encode()) % _DIMENSION] += 1
    return numbers


def in_turn(*replies: ModelReply | str) -> Behaviour:
    """Say these one after the other, and the last one from then on."""
    lock, remaining = threading.Lock(), list(replies)

    def behave(request: dict[str, Any]) -> ModelReply:
        del request
        with lock:
            reply = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        return reply if isinstance(reply, ModelReply) else ModelReply(reply)

    return behave


def failure(status: int, message: str, *, code: str = "", retry_after: float | None = None) -> ModelReply:
    """An error in the provider's own format."""
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code or None}}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return ModelReply(status=status, headers=headers, body=json.dumps(body))


class OpenAiServer:
    """A context manager: serves on a free loopback port while it is open. ``requests`` holds all bodies it got."""

    def __init__(
        self, behaviour: Behaviour = smart, *, port: int = 0, model: str = "smart", embeddings: Behaviour = vectors
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.model = model
        self.behaviour = behaviour
        self.embeddings = embeddings
        self.closing = threading.Event()
        self._http = _Http(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def base_url(self) -> str:
        """What ``OPENAI_BASE_URL`` is to be."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Serve until the program is interrupted."""
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], owner: OpenAiServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    @property
    def owner(self) -> OpenAiServer:
        return cast("_Http", self.server).owner

    def do_GET(self) -> None:
        if self.path.rstrip("/") == "/v1/models":
            model = {"id": self.owner.model, "object": "model", "created": 0, "owned_by": "itops"}
            self._send(200, json.dumps({"object": "list", "data": [model]}))
        else:
            self._answer(failure(404, "There is no such address."), {})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            request = json.loads(sent)
        except ValueError:
            self._answer(failure(400, "The body is not JSON."), {})
            return
        behaviours = {"/v1/chat/completions": self.owner.behaviour, "/v1/embeddings": self.owner.embeddings}
        behave = behaviours.get(self.path.rstrip("/"))
        if behave is None:
            self._answer(failure(404, "There is no such address."), {})
            return
        self.owner.requests.append(request)
        self.owner.keys.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
        with contextlib.suppress(ConnectionError):
            self._answer(behave(request), request)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet."""

    def _answer(self, reply: ModelReply, request: dict[str, Any]) -> None:
        self.owner.closing.wait(reply.seconds)
        if reply.dropped:
            self.close_connection = True
        elif reply.body is not None:
            self._send(reply.status, reply.body, reply.headers)
        elif request.get("stream"):
            self._stream(reply, request)
        else:
            self._send(reply.status, json.dumps(_completion(reply, request)), reply.headers)

    def _send(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, reply: ModelReply, request: dict[str, Any]) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in [*(json.dumps(chunk) for chunk in _chunks(reply, request)), "[DONE]"]:
            data = f"data: {event}\n\n".encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


def _head(kind: str, request: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{time.monotonic_ns()}",
        "object": kind,
        "created": int(time.time()),
        "model": request.get("model", ""),
    }


def _usage(reply: ModelReply, request: dict[str, Any]) -> dict[str, int] | None:
    if not reply.counted:
        return None
    asked = len(json.dumps(request.get("messages", []))) // _CHARACTERS_A_TOKEN
    said = len(reply.text) // _CHARACTERS_A_TOKEN
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _completion(reply: ModelReply, request: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text or None, "refusal": reply.refusal or None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    return {**_head("chat.completion", request), "choices": [choice], "usage": _usage(reply, request)}


def _chunks(reply: ModelReply, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    head = _head("chat.completion.chunk", request)
    pieces = [reply.text[start : start + _PIECE] for start in range(0, len(reply.text), _PIECE)]
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    if reply.refusal:
        deltas.append({"refusal": reply.refusal})
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}]}
    if (request.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": _usage(reply, request)}


def main() -> None:
    """Serve the smart behaviour until interrupted."""
    parser = argparse.ArgumentParser(description="A loopback OpenAI-compatible server that plays a competent model.")
    parser.add_argument("--port", type=int, default=8900)
    with OpenAiServer(port=parser.parse_args().port) as server:
        print(f"OPENAI_BASE_URL={server.base_url} ITOPS_LLM=openai:{server.model}", flush=True)  # noqa: T201 - a program
        try:
            server.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
