"""Who may open the page: a one-time link, a session cookie, and the Host and Origin of every request.

A page that runs commands must not be open to the next web site, nor to another program's page on this machine.
"""

import hashlib
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
ENTRANCE: Final = "/"
_LOCAL_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HARMLESS: Final = frozenset({"GET", "HEAD"})
# The page's framework needs inline scripts and makes functions from its own templates; nothing comes from elsewhere.
_CONTENT_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_SHIELDS: Final = [
    (b"content-security-policy", _CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Sessions:
    """One-time tokens and the sessions they opened: hashes in memory, gone with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = ""
        self._open: set[str] = set()

    def new_token(self) -> str:
        """A token for one opening; the one before it, if still unused, is void."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._token = _hashed(token)
        return token

    def exchange(self, token: str) -> str:
        """A new session for a token that was not used; empty where it was, or never was one."""
        with self._lock:
            if not self._token or not secrets.compare_digest(self._token, _hashed(token)):
                return ""
            self._token = ""
            session = secrets.token_urlsafe(32)
            self._open.add(_hashed(session))
            return session

    def knows(self, session: str) -> bool:
        """Whether this session was opened here."""
        return _hashed(session) in self._open


@dataclass(frozen=True)
class Knock:
    """What of a request says who sent it."""

    method: str
    path: str
    scheme: str
    hosts: tuple[str, ...]
    origins: tuple[str, ...] = ()
    site: str = ""
    mode: str = ""
    accept: str = ""
    cookies: str = ""
    token: str = ""

    @property
    def may_change(self) -> bool:
        """Whether it may change something, or opens a stream."""
        return self.method not in _HARMLESS or "text/event-stream" in self.accept


@dataclass(frozen=True)
class Refusal:
    """A status, what is wrong, and what to do."""

    status: int
    text: str


def knock_of(scope: Scope) -> Knock:
    """A request's Knock; a websocket counts as a method of its own."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]

    def values(name: bytes) -> tuple[str, ...]:
        return tuple(value.decode("latin-1") for key, value in headers if key.lower() == name)

    def value(name: bytes) -> str:
        return ",".join(values(name))

    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return Knock(
        method=scope.get("method", "WEBSOCKET"),
        path=scope["path"],
        scheme="https" if scope["scheme"] in ("https", "wss") else "http",
        hosts=values(b"host"),
        origins=values(b"origin"),
        site=value(b"sec-fetch-site"),
        mode=value(b"sec-fetch-mode"),
        accept=value(b"accept"),
        cookies=";".join(values(b"cookie")),
        token=query.get("token", [""])[0],
    )


def misdirected(knock: Knock, names: Iterable[str] = ()) -> Refusal | None:
    """Refuse a Host that is not this machine: a foreign name may point here to get at the page (DNS rebinding)."""
    if len(knock.hosts) == 1 and _name_of(knock.hosts[0]) in _LOCAL_NAMES.union(names):
        return None
    return Refusal(421, "This page answers to 127.0.0.1 and localhost alone. Open it under one of these names.")


def foreign(knock: Knock) -> Refusal | None:
    """Refuse what another site's page sent: a request that may change something must say that it is from here."""
    refusal = Refusal(403, "This request came from another site's page. Use itops from its own page.")
    own = f"{knock.scheme}://{knock.hosts[0]}".lower()
    if any(origin.lower() != own for origin in knock.origins):
        return refusal
    if knock.may_change:
        return None if knock.origins or knock.site == "same-origin" else refusal
    is_navigation = knock.mode == "navigate"
    return None if is_navigation or knock.site in ("", "same-origin", "none") else refusal


def session_of(knock: Knock, cookie: str) -> str:
    """The value of this cookie; empty where there is none."""
    pairs = (pair.strip().partition("=") for pair in knock.cookies.split(";"))
    return next((value for name, _, value in pairs if name == cookie), "")


class Guard:
    """Stands before an app and lets in whom the one-time link has let in."""

    def __init__(
        self,
        app: App,
        sessions: Sessions,
        *,
        cookie: str = "itops",
        names: Iterable[str] = (),
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._cookie = cookie
        self._names = frozenset(names)
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, open a session, or pass the request on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        knock = knock_of(scope)
        refusal = misdirected(knock, self._names) or foreign(knock)
        if refusal is None and knock.token and knock.path == ENTRANCE:
            await self._enter(knock, send)
            return
        refusal = refusal or self._stranger(knock)
        if refusal is None:
            await self._app(scope, receive, _shielded(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.text})
        else:
            await _say(send, refusal)

    async def _enter(self, knock: Knock, send: Send) -> None:
        session = self._sessions.exchange(knock.token) if knock.method == "GET" else ""
        if not session:
            page = f"{knock.scheme}://{knock.hosts[0]}/"
            text = (
                f"This link was used, or is of another run of `itops serve`. In the browser that used it, open {page} "
                "without the token. For another browser take the newest link that `itops serve` printed."
            )
            await _say(send, Refusal(403, text))
            return
        self._opened()
        cookie = f"{self._cookie}={session}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", ENTRANCE.encode()), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 303, "headers": [*headers, *_SHIELDS]})
        await send({"type": "http.response.body", "body": b""})

    def _stranger(self, knock: Knock) -> Refusal | None:
        if knock.path in OPEN_PATHS or self._sessions.knows(session_of(knock, self._cookie)):
            return None
        return Refusal(401, "This page is for the person who started it. Open the link that `itops serve` printed.")


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _shielded(send: Send) -> Send:
    async def shielded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_SHIELDS]}
        await send(message)

    return shielded


async def _say(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *_SHIELDS]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.text.encode() + b"\n"})
