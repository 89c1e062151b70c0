"""The way to a Chroma server: one client a process, with a time limit on every answer and our own words for errors.

Chroma's open-source server asks nobody for a token. The token goes along as ``Authorization: Bearer``, for the proxy
that stands in front of a server which others can reach.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from itops.errors import SettingsError, StoreError

if TYPE_CHECKING:
    import httpx
    from chromadb.api.models.Collection import Collection

_CONNECT_SECONDS: Final = 3.0
_DETAIL_CHARACTERS: Final = 200
_PAGE: Final = 100
_COSINE: Final[Any] = {"hnsw": {"space": "cosine"}}
_UNAUTHORISED: Final = (401, 403)
_AWAY: Final = (502, 503, 504)
_WORLD: Final = "The instructions themselves are as they were; only searching is hurt."
_CHECK_SERVER: Final = "Check that it runs and that ITOPS_CHROMA_URL is right, or unset that to keep the index here."


class IndexUnusable(StoreError):
    """The server answers, but not with the index: it is gone, or not as it should be."""


class ChromaHttp:
    """The collections of a Chroma server. Nothing is loaded or reached before the first call; safe from any thread.

    Raises:
        SettingsError: the URL is none.
        IndexUnusable: the server answers, but can't do what is asked.
        StoreError: the server is away, too slow, or refuses the token.
    """

    def __init__(self, url: str, *, token: str = "", time_limit_seconds: float = 10.0) -> None:
        self._url = url.strip().rstrip("/")
        self._place, self._port = _place(self._url)
        self._token = token.strip()
        self._time_limit = time_limit_seconds
        self._lock = threading.Lock()
        self._api: Any = None

    def find(self, name: str) -> "Collection | None":
        """The collection of this name, if there is one."""
        from chromadb.errors import NotFoundError

        with self.translated("read"):
            try:
                return self._collection(self._opened().get_collection(name))
            except NotFoundError:
                return None

    def make(self, name: str) -> "Collection":
        """The collection of this name; new where there is none."""
        with self.translated("written"):
            return self._collection(self._opened().get_or_create_collection(name, configuration=_COSINE))

    def delete(self, name: str) -> None:
        """Have no collection of this name."""
        from chromadb.errors import NotFoundError

        with self.translated("written"):
            try:
                self._opened().delete_collection(name)
            except NotFoundError:
                return

    def names(self) -> list[str]:
        """The names of all collections."""
        names: list[str] = []
        with self.translated("read"):
            while page := self._opened().list_collections(limit=_PAGE, offset=len(names)):
                names.extend(found.name for found in page)
        return names

    @contextmanager
    def translated(self, doing: str) -> Iterator[None]:
        """Raise what goes wrong inside in our own words; none of them is the token."""
        import httpx

        try:
            yield
        except StoreError:
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._failure("can't be reached", _CHECK_SERVER) from error
        except httpx.TimeoutException as error:
            raise self._failure(f"gave no answer within {self._time_limit:g} seconds", _CHECK_SERVER) from error
        except httpx.HTTPError as error:
            raise self._failure("broke the connection", _CHECK_SERVER) from error
        except Exception as error:  # Chroma's client raises plain exceptions with the server's words
            raise self._answered(doing, error) from error

    def _collection(self, model: Any) -> "Collection":  # noqa: ANN401 - a foreign type, imported late
        from chromadb.api.models.Collection import Collection

        return Collection(client=self._opened(), model=model, embedding_function=None)

    def _opened(self) -> Any:  # noqa: ANN401 - a foreign type, imported late
        with self._lock:
            if self._api is None:
                self._api = self._open()
            return self._api

    def _open(self) -> Any:  # noqa: ANN401 - a foreign type, imported late
        """What ``chromadb.HttpClient`` talks through; that itself asks the server three times first, without limit."""
        import httpx
        from chromadb.api.fastapi import FastAPI
        from chromadb.config import Settings, System

        settings = Settings(
            _env_file=None,  # pyright: ignore[reportCallIssue]  # else a stray .env of the working directory has a say
            anonymized_telemetry=False,
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=self._url,
            chroma_server_http_port=self._port,
            **self._authorisation(),
        )
        api = System(settings).instance(FastAPI)
        session = api._session  # noqa: SLF001 - Chroma has no setting for a time limit
        session.timeout = httpx.Timeout(self._time_limit, connect=min(_CONNECT_SECONDS, self._time_limit))
        session.event_hooks = {"response": [self._check]}
        return api

    def _authorisation(self) -> dict[str, Any]:
        if not self._token:
            return {}
        if not (self._token.isascii() and self._token.isprintable()):
            raise self._failure("can't be sent a token that holds odd characters", _SET_TOKEN)
        provider = "chromadb.auth.token_authn.TokenAuthClientProvider"
        return {"chroma_client_auth_provider": provider, "chroma_client_auth_credentials": self._token}

    def _check(self, response: "httpx.Response") -> None:
        code = response.status_code
        if code in _UNAUTHORISED:
            raise self._failure(f"refuses {'the token' if self._token else 'who has no token'} ({code})", _SET_TOKEN)
        if code in _AWAY:
            raise self._failure(f"is away; what stands in front of it says so ({code})", _CHECK_SERVER)

    def _failure(self, what: str, mend: str) -> StoreError:
        return StoreError(f"The Chroma server at {self._place} {what}.", world=_WORLD, mend=mend)

    def _answered(self, doing: str, error: Exception) -> StoreError:
        from chromadb.errors import AuthorizationError, ChromaAuthError, ChromaError, QuotaError, RateLimitError

        words = " ".join(str(error).split()).rstrip(".")
        words = (words.replace(self._token, "[token]") if self._token else words)[:_DETAIL_CHARACTERS]
        refused = isinstance(error, (AuthorizationError, ChromaAuthError, QuotaError, RateLimitError))
        if isinstance(error, ChromaError) and not refused:
            what = f"The search index on the Chroma server at {self._place} can't be {doing}: {words}."
            return IndexUnusable(what, world=_WORLD, mend=_REBUILT)
        return self._failure(f"gives an answer that can't be used: {words}", _CHECK_SERVER)


_REBUILT: Final = "It is rebuilt by the next search; should that fail too, look at the server's own log."
_SET_TOKEN: Final = "Set ITOPS_CHROMA_TOKEN to the token that the server, or the proxy in front of it, asks for."  # noqa: S105 - a sentence


def _place(url: str) -> tuple[str, int]:
    """Scheme, host and port; never the user."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            "The address of the Chroma server is none.",
            mend="Set ITOPS_CHROMA_URL to its address, for example http://chroma.example:8000, or unset it.",
        )
    return f"{parts.scheme}://{parts.hostname}:{port}", port
