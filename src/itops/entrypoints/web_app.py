"""The web application: the page behind its guard, and two addresses that say whether the process lives and can work."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from itops.entrypoints.authentication import Guard, Sessions
from itops.entrypoints.chat import Chat, new_conversation
from itops.entrypoints.screen import About
from itops.errors import ItOpsError

if TYPE_CHECKING:
    from fastapi import FastAPI

PAGE_PATH: Final = "/chat"
_ICON: Final = (
    '<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E'
    "%3Crect width=%2216%22 height=%2216%22 rx=%223%22 fill=%22%231d4ed8%22/%3E"
    '%3Cpath d=%22M4 5l3 3-3 3M8.5 11H12%22 stroke=%22white%22 stroke-width=%221.5%22 fill=%22none%22/%3E%3C/svg%3E">'
)


def create_web_app(
    chat: Chat,
    about: About,
    sessions: Sessions,
    *,
    ready: Callable[[], Awaitable[None]],
    cookie: str = "itops",
    names: tuple[str, ...] = (),
    opened: Callable[[], None] = lambda: None,
) -> Guard:
    """The whole application.

    Args:
        chat: What the page works on.
        about: What the page's head says.
        sessions: Who may come in.
        ready: Raises an ``ItOpsError`` where itops can't work.
        cookie: The session cookie's name.
        names: Host names that are also this machine's.
        opened: Called when a one-time link was used.
    """
    from fastapi import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_probes(app, ready)
    _add_entrance(app, chat)
    _mount_page(app, chat, about)
    return Guard(app, sessions, cookie=cookie, names=names, opened=opened)


def _add_probes(app: "FastAPI", ready: Callable[[], Awaitable[None]]) -> None:
    from fastapi.responses import PlainTextResponse

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("The process lives.\n")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        try:
            await ready()
        except ItOpsError as error:
            return PlainTextResponse(f"{error}\n", status_code=503)
        return PlainTextResponse("Database, journal and policy answer.\n")


def _add_entrance(app: "FastAPI", chat: Chat) -> None:
    from fastapi.responses import RedirectResponse

    def to(conversation: str) -> RedirectResponse:
        return RedirectResponse(f"{PAGE_PATH}/?conversation={conversation}", status_code=303)

    @app.get("/")
    async def entrance() -> RedirectResponse:
        return to(await chat.latest())

    @app.get("/new")
    async def new() -> RedirectResponse:
        return to(new_conversation())


def _mount_page(app: "FastAPI", chat: Chat, about: About) -> None:
    import gradio as gr

    from itops.entrypoints.gradio_app import SCRIPT, STYLE, create_page, theme

    gr.mount_gradio_app(
        app,
        create_page(chat, about),
        path=PAGE_PATH,
        theme=theme(),
        css_paths=STYLE,
        js=SCRIPT.read_text(encoding="utf-8"),
        head=_ICON,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        show_error=False,
        max_file_size="1kb",
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
