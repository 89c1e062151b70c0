import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from itops.app import Wish
from itops.domain.identity import Person
from itops.entrypoints.authentication import Sessions
from itops.entrypoints.chat import Chat
from itops.entrypoints.screen import About
from itops.entrypoints.web_app import create_web_app
from itops.errors import JournalError
from itops.testing.fake_rooms import FakeHouse

ME = Person(id="me")
HOME = "http://127.0.0.1:7860"


class Web:
    """The application over fakes; ``fault`` is what keeps it from being ready."""

    def __init__(self) -> None:
        self.house = FakeHouse()
        self.chat = Chat(self.house.app, self.house.journal, person=ME)
        self.sessions = Sessions()
        self.fault: JournalError | None = None
        self.app = create_web_app(self.chat, About("fake", "", "me", "here"), self.sessions, ready=self._ready)

    def browser(self, *, base_url: str = HOME) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url=base_url)

    async def _ready(self) -> None:
        if self.fault:
            raise self.fault


@pytest.fixture(scope="module")
def web() -> Web:
    return Web()


@pytest.fixture
async def stranger(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    async with web.browser() as browser:
        yield browser


@pytest.fixture
async def known(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    async with web.browser() as browser:
        assert (await browser.get("/", params={"token": web.sessions.new_token()})).status_code == 303
        yield browser


async def test_the_probes(web: Web, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/healthz")).status_code == 200
    assert (await stranger.get("/readyz")).status_code == 200
    web.fault = JournalError("The journal's disk is full.", mend="Make room.")
    broken = await stranger.get("/readyz")
    assert (await stranger.get("/healthz")).status_code == 200
    web.fault = None
    assert broken.status_code == 503
    assert broken.text.startswith("The journal's disk is full.")
    assert "Make room." in broken.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/new",
        "/chat",
        "/chat/",
        "/chat/config",
        "/chat/gradio_api/info",
        "/chat/gradio_api/startup-events",
        "/chat/gradio_api/queue/data?session_hash=x",
        "/chat/theme.css",
        "/docs",
        "/openapi.json",
    ],
)
async def test_a_stranger_sees_nothing(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code in (401, 403)
    assert answer.headers["content-type"].startswith("text/plain")
    assert "dependencies" not in answer.text


async def test_a_stranger_starts_nothing(web: Web, stranger: httpx.AsyncClient) -> None:
    body = {"fn_index": 1, "session_hash": "x", "data": ["make a folder", "change", False]}
    answer = await stranger.post("/chat/gradio_api/queue/join", json=body, headers={"origin": HOME})
    assert answer.status_code == 401


async def test_a_person_who_came_in_by_another_sites_page_starts_nothing(web: Web, known: httpx.AsyncClient) -> None:
    body = {"fn_index": 1, "session_hash": "x", "data": ["make a folder", "change", False]}
    for origin in ("http://evil.example", "http://127.0.0.1:9000", "null"):
        answer = await known.post("/chat/gradio_api/queue/join", json=body, headers={"origin": origin})
        assert answer.status_code == 403
    assert (await known.post("/chat/gradio_api/queue/join", json=body)).status_code == 403
    assert await web.house.app.tasks() == []


async def test_another_name_for_this_address_is_refused(web: Web) -> None:
    async with web.browser(base_url="http://evil.example:7860") as browser:
        assert (await browser.get("/healthz")).status_code == 421


async def test_the_entrance_leads_to_the_latest_conversation(web: Web, known: httpx.AsyncClient) -> None:
    places = [(await known.get(path)).headers["location"] for path in ("/", "/new", "/new")]
    assert len({*places}) == 3
    assert all(re.fullmatch(r"/chat/\?conversation=c[0-9a-z]{12}", place) for place in places)
    await web.house.app.submit(Wish(words="x", requester=ME, conversation="c9"))
    assert (await known.get("/")).headers["location"] == "/chat/?conversation=c9"


async def test_the_page_asks_nothing_from_elsewhere(known: httpx.AsyncClient) -> None:
    page = await known.get("/chat/", params={"conversation": "c1"})
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    fetched = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"'](https?:[^\"']+)", page.text)
    assert fetched == []
    assert "fonts.googleapis" not in page.text


async def test_nothing_of_the_framework_is_left_open(known: httpx.AsyncClient) -> None:
    config: dict[str, Any] = (await known.get("/chat/config")).json()
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False
    assert config["footer_links"] == []
    assert (await known.get("/docs")).status_code == 404
    assert (await known.get("/chat/docs")).status_code == 404
    assert (await known.get("/chat/gradio_api/info")).json()["named_endpoints"] == {}
