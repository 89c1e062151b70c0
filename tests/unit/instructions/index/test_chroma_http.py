"""The way to a Chroma server: its token, its time limit, and what is said when it fails."""

import contextlib
import http.client
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from itops.errors import SettingsError, StoreError
from itops.instructions.index.chroma_http import ChromaHttp, IndexUnusable
from itops.testing.chroma_process import ChromaProcess

TOKEN = "a-token-that-nobody-may-see"


class Proxy(ThreadingHTTPServer):
    """Stands in front of a Chroma server and lets nobody through without the token; or plays another trouble."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.behind = urlsplit(url).netloc
        self.answer: tuple[int, str] | None = None
        self.seconds = 0.0
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(self.server.seconds)
        if self.server.answer:
            self._send(*self.server.answer)
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(401, f"No: {self.headers.get('Authorization')}")
        else:
            behind = http.client.HTTPConnection(self.server.behind)
            behind.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = behind.getresponse()
            self._send(answer.status, answer.read().decode())
            behind.close()

    do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815 - the names are the base class's

    def _send(self, status: int, body: str) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    with ChromaProcess(tmp_path_factory.mktemp("chroma")) as server:
        yield server


@pytest.fixture
def proxy(chroma: ChromaProcess) -> Iterator[Proxy]:
    with Proxy(chroma.url) as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield proxy
        proxy.shutdown()


def refused(server: ChromaHttp) -> StoreError:
    with pytest.raises(StoreError) as refusal:
        server.find("itops-anything")
    assert TOKEN not in "".join(traceback.format_exception(refusal.value))
    assert "instructions themselves are as they were" in refusal.value.world
    assert refusal.value.mend
    assert refusal.value.exit_code == 6
    return refusal.value


def test_collections_come_and_go(chroma: ChromaProcess) -> None:
    server = ChromaHttp(f"{chroma.url}/")
    assert server.find("itops-none") is None
    server.delete("itops-none")
    names = {f"itops-many-{number}" for number in range(230)}
    for name in names:
        server.make(name)
    server.make("itops-many-0")
    assert {name for name in server.names() if name.startswith("itops-many")} == names
    server.delete("itops-many-0")
    assert server.find("itops-many-0") is None
    assert server.find("itops-many-1") is not None


def test_the_token_opens_the_proxys_door(proxy: Proxy) -> None:
    server = ChromaHttp(proxy.url, token=f" {TOKEN}\n")
    collection = server.make("itops-token")
    collection.upsert(ids=["a"], embeddings=[[1.0, 0.0]])
    assert collection.count() == 1


@pytest.mark.parametrize(("token", "words"), [("", "who has no token"), (f"{TOKEN}x", "refuses the token")])
def test_a_token_that_is_refused_is_told(proxy: Proxy, token: str, words: str) -> None:
    error = refused(ChromaHttp(proxy.url, token=token))
    assert words in error.what
    assert "ITOPS_CHROMA_TOKEN" in error.mend
    assert not isinstance(error, IndexUnusable)


def test_a_token_with_odd_characters_is_refused() -> None:
    assert "odd characters" in refused(ChromaHttp("http://127.0.0.1:1", token="töken")).what


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((502, "Bad gateway"), "is away.*502"),
        ((503, ""), "is away.*503"),
        ((429, "Too many requests"), "can't be used: Too many"),
        ((404, "<html>nothing here</html>"), "can't be used"),
        ((200, "<html>hello</html>"), "can't be used"),
        ((200, "{}"), "can't be used"),
        ((429, '{"error": "RateLimitError", "message": "Slow down."}'), "can't be used: Slow down"),
        ((400, f"Odd {TOKEN}"), r"can't be used: Odd \[token\]"),
    ],
)
def test_what_is_no_answer_of_chroma_says_nothing_of_the_index(
    proxy: Proxy, answer: tuple[int, str], words: str
) -> None:
    proxy.answer = answer
    with pytest.raises(StoreError, match=words) as refusal:
        ChromaHttp(proxy.url, token=TOKEN).find("itops-anything")
    assert not isinstance(refusal.value, IndexUnusable)
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize("kind", ["InternalError", "InvalidArgumentError", "ChromaError"])
def test_chromas_own_errors_are_about_the_index(proxy: Proxy, kind: str) -> None:
    proxy.answer = (500, f'{{"error": "{kind}", "message": "The index is broken."}}')
    with pytest.raises(IndexUnusable, match="can't be read: The index is broken"):
        ChromaHttp(proxy.url, token=TOKEN).find("itops-anything")


def test_a_server_that_does_not_answer_is_given_up(proxy: Proxy) -> None:
    proxy.seconds = 20
    began = time.monotonic()
    assert "no answer within 0.5 seconds" in refused(ChromaHttp(proxy.url, token=TOKEN, time_limit_seconds=0.5)).what
    assert time.monotonic() - began < 10


def test_a_server_that_is_away_is_named_without_its_user() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(ChromaHttp(f"http://user:{TOKEN}@127.0.0.1:{port}"))
    assert error.what == f"The Chroma server at http://127.0.0.1:{port} can't be reached."
    assert "ITOPS_CHROMA_URL" in error.mend


@pytest.mark.parametrize("url", ["localhost:8000", "chroma", "ftp://chroma", "http://", "http://[::1", "http://a:b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        ChromaHttp(url)
    assert "ITOPS_CHROMA_URL" in refusal.value.mend


def test_threads_share_one_client(proxy: Proxy, tmp_path: Path) -> None:
    server = ChromaHttp(proxy.url, token=TOKEN)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(server.make("itops-threads").id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
