"""Embeddings by an OpenAI-compatible provider: its own variables say where it is and with which key."""

import functools
import math
import os
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from itops.errors import SettingsError, StoreError
from itops.instructions.index.embeddings import Span, Vectors, embed_twice

if TYPE_CHECKING:
    import httpx

_ADDRESS: Final = "https://api.openai.com/v1"
_BATCH: Final = 128
_CONNECT_SECONDS: Final = 3.0
_ATTEMPTS: Final = 3
_DETAIL_CHARACTERS: Final = 200
_UNAUTHORISED: Final = (401, 403)
_UNKNOWN: Final = 404
_TRANSIENT: Final = frozenset({408, 409, 425, 429, *range(500, 600)})


class OpenAiEmbeddings:
    """A model behind an OpenAI-compatible ``/embeddings``. Nothing is reached before it is first asked.

    ``time_limit_seconds`` bounds one request, its retries included; ``redact`` is applied to every text that leaves.

    Raises:
        SettingsError: ``OPENAI_BASE_URL`` is not an address.
    """

    def __init__(
        self, model: str, *, time_limit_seconds: float = 20.0, redact: Callable[[str], str] | None = None
    ) -> None:
        self._model = model
        self._address = (os.environ.get("OPENAI_BASE_URL") or _ADDRESS).rstrip("/")
        self._server, path = _parts(self._address)
        # Two servers may call different models by one name.
        self.name = f"openai:{model}" if self._address == _ADDRESS else f"openai:{model}@{self._server}{path}"
        self._time_limit = time_limit_seconds
        self._redact = redact or str
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order."""
        vectors: Vectors = []
        for start in range(0, len(texts), _BATCH):
            vectors += self._ask([self._redact(text) or " " for text in texts[start : start + _BATCH]])
        return vectors

    def embed_request(self, words: str, values: Sequence[Span]) -> list[float]:
        """The mean of the request with and without its values."""
        return embed_twice(self.embed, words, values)

    def _ask(self, texts: list[str]) -> Vectors:
        import stamina

        deadline = time.monotonic() + self._time_limit
        retry = stamina.retry_context(
            on=functools.partial(_seconds_before_retry, deadline=deadline),
            attempts=_ATTEMPTS,
            timeout=self._time_limit,
            wait_initial=0.2,
            wait_jitter=0.2,
        )
        with self._translated():
            for attempt in retry:
                with attempt:
                    return self._request(texts, deadline)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _request(self, texts: list[str], deadline: float) -> Vectors:
        import httpx

        limit = httpx.Timeout(max(deadline - time.monotonic(), 0.1), connect=_CONNECT_SECONDS)
        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        response = self._connected().post(f"{self._address}/embeddings", json=body, timeout=limit)
        response.raise_for_status()
        return _vectors(response.json(), len(texts))

    def _connected(self) -> "httpx.Client":
        """The one client of this process; it keeps its connections."""
        import httpx

        with self._lock:
            if self._client is None:
                key = self._key()
                self._client = httpx.Client(headers={"Authorization": f"Bearer {key}"} if key else {})
            return self._client

    def _key(self) -> str:
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not key and self._address == _ADDRESS:
            raise _failure(f"The embedding model {self.name} needs a key, and OPENAI_API_KEY is not set", _SET_KEY)
        if not (key.isascii() and key.isprintable()):
            raise _failure("OPENAI_API_KEY holds characters that no key has", _SET_KEY)
        return key

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what goes wrong in our own words; none of them is the key."""
        import httpx

        try:
            yield
        except httpx.HTTPStatusError as error:
            raise self._refusal(error.response) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            what = f"The provider of the embedding model {self.name} can't be reached at {self._server}"
            raise _failure(what, _CHECK_ADDRESS) from error
        except httpx.TimeoutException as error:
            what = f"The embedding model {self.name} gave no answer within {self._time_limit:g} seconds"
            raise _failure(what, _LATER) from error
        except httpx.HTTPError as error:
            raise _failure(
                f"The connection to the provider of the embedding model {self.name} broke", _LATER
            ) from error
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            what = f"The provider of the embedding model {self.name} gave an answer that can't be read"
            raise _failure(what, _CHECK_ADDRESS) from error

    def _refusal(self, response: "httpx.Response") -> StoreError:
        code = response.status_code
        if code in _UNAUTHORISED:
            return _failure(f"The provider of the embedding model {self.name} refuses the key ({code})", _SET_KEY)
        if code == _UNKNOWN:
            return _failure(f"The provider does not know the embedding model {self.name} ({code})", _CHECK_ADDRESS)
        what = f"The provider of the embedding model {self.name} fails ({code}): {self._detail(response)}"
        return _failure(what.rstrip(".: "), _LATER)

    def _detail(self, response: "httpx.Response") -> str:
        """The provider's own words, shortened; should they quote the key, without it."""
        try:
            words = str(response.json()["error"]["message"])
        except (ValueError, TypeError, LookupError):
            words = ""
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        words = " ".join((words.replace(key, "[key]") if key else words).split())
        return self._redact(words)[:_DETAIL_CHARACTERS]


_SET_KEY: Final = (
    "Set OPENAI_API_KEY to a valid key, or unset ITOPS_EMBEDDINGS to work with the model that is built in."
)
_CHECK_ADDRESS: Final = (
    "Check OPENAI_BASE_URL, the model in ITOPS_EMBEDDINGS and the network, "
    "or unset ITOPS_EMBEDDINGS to work with the model that is built in."
)
_LATER: Final = "Try again later, or unset ITOPS_EMBEDDINGS to work with the model that is built in."


def _failure(what: str, mend: str) -> StoreError:
    return StoreError(f"{what}, so instructions can't be searched.", mend=mend)


def _parts(address: str) -> tuple[str, str]:
    """Scheme, host and port of an address, and its path; never its user."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            "OPENAI_BASE_URL is not an address.",
            mend="Set it to the provider's address, for example https://api.openai.com/v1, or unset it.",
        )
    return f"{parts.scheme}://{parts.hostname}{port}", parts.path


def _seconds_before_retry(error: Exception, *, deadline: float) -> bool | float:
    """Whether to try again, or after how many seconds: only what may pass by itself, and only within the deadline."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        if error.response.status_code not in _TRANSIENT or "insufficient_quota" in error.response.text:
            return False
        wait = error.response.headers.get("Retry-After", "")
        if not wait.isdecimal():
            return True
        return float(wait) if float(wait) < deadline - time.monotonic() else False
    return isinstance(error, (httpx.NetworkError, httpx.RemoteProtocolError))


def _vectors(answer: Any, count: int) -> Vectors:  # noqa: ANN401 - what a stranger sent
    rows = sorted(answer["data"], key=lambda row: row["index"])
    vectors = [_of_length_1(row["embedding"]) for row in rows]
    if len(vectors) != count or len({len(vector) for vector in vectors}) != 1:
        raise ValueError("there is not one vector for each text")
    return vectors


def _of_length_1(numbers: Sequence[float]) -> list[float]:
    length = math.hypot(*numbers)
    if not math.isfinite(length):
        raise ValueError("a vector is not finite")
    return array("f", [number / length for number in numbers]).tolist()
