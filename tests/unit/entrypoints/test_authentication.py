from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.entrypoints.authentication import Guard, Knock, Sessions, foreign, knock_of, misdirected, session_of

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "entrypoints" / "knocks.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["what"])
def test_who_is_let_in(case: dict[str, Any]) -> None:
    told = {**TABLE["base"], **case}
    lists = {name: tuple(told.pop(name, ())) for name in ("hosts", "origins")}
    refused = told.pop("refused")
    del told["what"]
    knock = Knock(**lists, **told)
    refusal = misdirected(knock) or foreign(knock)
    assert (refusal.status if refusal else 0) == refused


def test_the_bound_address_is_a_name_too() -> None:
    knock = Knock("GET", "/", "http", ("127.0.0.2:7860",))
    assert misdirected(knock) is not None
    assert misdirected(knock, ["127.0.0.2"]) is None


def test_a_token_opens_one_session() -> None:
    sessions = Sessions()
    token = sessions.new_token()
    session = sessions.exchange(token)
    assert sessions.knows(session)
    assert sessions.exchange(token) == ""
    assert not sessions.knows(token)


def test_what_is_no_token_opens_nothing_and_uses_nothing_up() -> None:
    sessions = Sessions()
    assert sessions.exchange("") == ""
    token = sessions.new_token()
    assert sessions.exchange("wrong") == ""
    assert sessions.exchange("\udcff") == ""
    assert not sessions.knows("")
    assert sessions.exchange(token)


def test_a_new_token_voids_the_unused_one_and_keeps_sessions() -> None:
    sessions = Sessions()
    session = sessions.exchange(sessions.new_token())
    first = sessions.new_token()
    second = sessions.new_token()
    assert sessions.exchange(first) == ""
    assert sessions.exchange(second)
    assert sessions.knows(session)


def test_no_value_is_kept_as_it_is() -> None:
    sessions = Sessions()
    token = sessions.new_token()
    session = sessions.exchange(token)
    last = sessions.new_token()
    kept = str(vars(sessions))
    assert not [value for value in (token, session, last) if value in kept]


@pytest.mark.parametrize(
    ("cookies", "value"),
    [
        ("itops=abc", "abc"),
        ("other=1; itops=abc; more=2", "abc"),
        ("itops_2=abc", ""),
        ("xitops=abc", ""),
        ("itops=a=b", "a=b"),
        ("", ""),
        (";;=", ""),
    ],
)
def test_the_cookie(cookies: str, value: str) -> None:
    assert session_of(Knock("GET", "/", "http", (), cookies=cookies), "itops") == value


def scope(kind: str = "http", path: str = "/", query: str = "", **headers: str) -> dict[str, Any]:
    told = {"host": "127.0.0.1:7860", **headers}
    return {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        **({"method": "GET"} if kind == "http" else {}),
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()],
    }


def test_a_knock_reads_the_request() -> None:
    knock = knock_of(
        scope(path="/x", query="token=a%20b&token=c", origin="http://o", sec_fetch_site="none", cookie="k=v")
    )
    assert knock == Knock(
        "GET", "/x", "http", ("127.0.0.1:7860",), ("http://o",), site="none", cookies="k=v", token="a b"
    )
    assert knock_of(scope("websocket")).may_change


class Door:
    """An app that says it was reached, behind a guard; and what came back."""

    def __init__(self) -> None:
        self.sessions = Sessions()
        self.opened = 0
        self.reached: list[str] = []
        self.guard = Guard(self._app, self.sessions, cookie="itops_1", opened=self._count)

    async def knock(self, asked: dict[str, Any]) -> list[MutableMapping[str, Any]]:
        sent: list[MutableMapping[str, Any]] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.guard(asked, self._nothing, send)
        return sent

    async def _app(self, asked: Any, receive: Any, send: Any) -> None:
        self.reached.append(asked["type"])
        if asked["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})

    async def _nothing(self) -> MutableMapping[str, Any]:
        return {}

    def _count(self) -> None:
        self.opened += 1


async def test_a_used_token_says_what_to_do() -> None:
    door = Door()
    query = f"token={door.sessions.new_token()}"
    first = await door.knock(scope(query=query))
    headers = dict(first[0]["headers"])
    assert (first[0]["status"], headers[b"location"]) == (303, b"/")
    assert headers[b"set-cookie"].startswith(b"itops_1=")
    assert headers[b"set-cookie"].endswith(b"; HttpOnly; SameSite=Strict; Path=/")
    second = await door.knock(scope(query=query))
    assert second[0]["status"] == 403
    assert b"http://127.0.0.1:7860/ without the token" in second[1]["body"]
    assert (door.opened, door.reached) == (1, [])


async def test_only_a_get_of_the_entrance_takes_a_token() -> None:
    door = Door()
    query = f"token={door.sessions.new_token()}"
    assert (await door.knock(scope(path="/chat/", query=query)))[0]["status"] == 401
    head = {**scope(query=query), "method": "HEAD"}
    assert (await door.knock(head))[0]["status"] == 403
    assert (await door.knock(scope(query=query)))[0]["status"] == 303


async def test_a_token_from_a_foreign_host_is_not_used_up() -> None:
    door = Door()
    query = f"token={door.sessions.new_token()}"
    assert (await door.knock(scope(query=query, host="evil.example")))[0]["status"] == 421
    assert (await door.knock(scope(query=query)))[0]["status"] == 303


async def test_a_session_reaches_the_app_and_its_answers_are_shielded() -> None:
    door = Door()
    cookie = f"itops_1={door.sessions.exchange(door.sessions.new_token())}"
    sent = await door.knock(scope(path="/chat/", cookie=cookie))
    headers = dict(sent[0]["headers"])
    assert headers[b"x"] == b"y"
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
    assert headers[b"x-frame-options"] == b"DENY"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_need_no_session_but_a_local_host(path: str) -> None:
    door = Door()
    assert (await door.knock(scope(path=path)))[0]["status"] == 200
    assert (await door.knock(scope(path=path, host="evil.example")))[0]["status"] == 421


@pytest.mark.parametrize("path", ["/", "/chat/", "/chat/config", "/healthz/", "/readyz/../chat/", "//healthz"])
async def test_a_stranger_reaches_nothing(path: str) -> None:
    door = Door()
    sent = await door.knock(scope(path=path, cookie="itops_1=guessed"))
    assert sent[0]["status"] == 401
    assert b"Open the link" in sent[1]["body"]
    assert door.reached == []


async def test_a_websocket_needs_all_of_it() -> None:
    door = Door()
    cookie = f"itops_1={door.sessions.exchange(door.sessions.new_token())}"
    for asked in (
        scope("websocket", cookie=cookie, origin="http://evil.example"),
        scope("websocket", cookie=cookie),
        scope("websocket", origin="http://127.0.0.1:7860"),
    ):
        assert (await door.knock(asked))[0]["type"] == "websocket.close"
    await door.knock(scope("websocket", cookie=cookie, origin="http://127.0.0.1:7860"))
    assert door.reached == ["websocket"]


async def test_the_process_s_own_messages_pass() -> None:
    door = Door()
    await door.knock({"type": "lifespan"})
    assert door.reached == ["lifespan"]
