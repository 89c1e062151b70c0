"""The chat page in a browser, over a real ``itops serve``: each state once, with a picture of it."""

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

_spec = importlib.util.spec_from_file_location("page_server", Path(__file__).with_name("page_server.py"))
_page_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_page_server)
PageServer, library = _page_server.PageServer, _page_server.library

pytestmark = pytest.mark.browser
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 60_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Any]:
    library(place / "library", place / "work")
    server = PageServer(place / "home", place)
    server.itops("instructions", "sync", str(place / "library"), "--publish")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def context(server: Any, place: Path, need: Callable[[str], Path]) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            place / "browser",
            executable_path=need("chromium"),
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 800},
        )
        context.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        page = context.new_page()
        page.goto(server.link)
        server.link = server.next_link()
        yield context
        context.close()


@pytest.fixture
def page(context: BrowserContext, server: Any) -> Iterator[Page]:
    """A new conversation; whatever the page asks for, it asks its own origin."""
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"http://127.0.0.1:{server.port}/new")
    expect(page.locator(".welcome")).to_be_visible()
    yield page
    own = (f"http://127.0.0.1:{server.port}/", "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    page.close()


def say(page: Page, words: str) -> None:
    page.locator("#words textarea").fill(words)
    page.locator("#words textarea").press("Enter")


def last(page: Page, state: str) -> Any:
    """The newest task, when it is in this state."""
    task = page.locator(".task").last
    expect(task).to_have_attribute("data-state", state)
    return task


def picture(page: Page, artifacts: Path, name: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    page.screenshot(path=artifacts / f"page-{name}.png")


def test_it_opens_empty(page: Page, artifacts: Path) -> None:
    expect(page.locator("#head")).to_contain_text("agent template")
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator("#cancel")).to_be_hidden()
    picture(page, artifacts, "empty")


def test_a_read_runs_with_live_progress(page: Page, artifacts: Path) -> None:
    say(page, "Count the giraffes slowly")
    task = last(page, "running")
    expect(task).to_contain_text("Running on local")
    expect(task.locator(".verdict")).to_contain_text("allow")
    expect(page.locator("#cancel")).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    picture(page, artifacts, "running")
    task = last(page, "succeeded")
    expect(task.locator(".output code")).to_have_text("there are 3 giraffes")
    expect(task.locator(".script")).to_contain_text("instruction demo.giraffe, version ")
    expect(page.locator("#cancel")).to_be_hidden()
    picture(page, artifacts, "succeeded")


def test_a_change_waits_and_runs_when_approved(page: Page, place: Path, artifacts: Path) -> None:
    say(page, "Make the okapi folder")
    task = last(page, "waiting")
    expect(task.locator(".verdict")).to_contain_text("ask")
    expect(page.locator("#ask")).to_contain_text(f"mkdir -- {place}/work/okapi")
    expect(task.locator(".approval")).to_be_in_viewport(ratio=1)
    assert not (place / "work" / "okapi").exists()
    picture(page, artifacts, "approval")
    page.locator("#approve").click()
    last(page, "succeeded")
    expect(page.locator("#ask")).to_be_hidden()
    assert (place / "work" / "okapi").is_dir()
    picture(page, artifacts, "approved")


def test_a_rejection_needs_a_reason(page: Page, place: Path, artifacts: Path) -> None:
    say(page, "Make the tapir folder")
    last(page, "waiting")
    page.locator("#reject").click()
    expect(page.locator("#notice")).to_contain_text("A rejection needs a reason.")
    page.locator("#reason textarea").fill("not today")
    page.locator("#reject").click()
    task = last(page, "cancelled")
    expect(task).to_contain_text("not today")
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator("#notice")).to_be_hidden()
    assert not (place / "work" / "tapir").exists()
    picture(page, artifacts, "rejected")


def test_a_question_is_answered_by_the_next_message(page: Page, artifacts: Path) -> None:
    say(page, "Feed the walrus")
    expect(last(page, "waiting").locator(".question")).to_contain_text("food")
    expect(page.locator("#send")).to_have_text("Answer")
    picture(page, artifacts, "question")
    say(page, "herring")
    expect(last(page, "succeeded").locator(".output code")).to_have_text("fed with herring")
    expect(page.locator(".task")).to_have_count(1)


def test_a_finished_task_is_rated_once(page: Page, server: Any, artifacts: Path) -> None:
    expect(page.locator("#rate")).to_be_hidden()
    say(page, "Feed the walrus")
    last(page, "waiting")
    expect(page.locator("#rate")).to_be_hidden()
    say(page, "herring")
    last(page, "succeeded")
    expect(page.locator("#rate")).to_be_visible()
    picture(page, artifacts, "rate")
    page.locator("#rate-outdated").click()
    expect(last(page, "succeeded")).to_contain_text("says of demo.walrus: outdated")
    expect(page.locator("#rate")).to_be_hidden()
    page.reload()
    last(page, "succeeded")
    expect(page.locator("#rate")).to_be_hidden()


def test_denied(page: Page, artifacts: Path) -> None:
    say(page, "Silence the falcon watch")
    expect(last(page, "denied").locator(".verdict")).to_contain_text("deny")
    expect(page.locator("#ask")).to_be_hidden()
    picture(page, artifacts, "denied")


def test_no_instruction(page: Page, artifacts: Path) -> None:
    say(page, "Paint the house green")
    expect(last(page, "no_instruction")).to_contain_text("I have no instruction for")
    picture(page, artifacts, "no-instruction")


def test_a_failed_command_and_refused_words(page: Page, artifacts: Path) -> None:
    say(page, "Look for the unicorn")
    expect(last(page, "failed").locator(".output")).to_contain_text("No such file")
    say(page, "x" * 20_000)
    expect(page.locator("#notice")).to_contain_text("the limit is")
    expect(page.locator("#words textarea")).to_have_value(re.compile("^x{20000}$"))
    page.locator("#words textarea").fill("look again")
    picture(page, artifacts, "error")


def test_cancel_stops_a_running_task(page: Page, artifacts: Path) -> None:
    say(page, "Count the giraffes slowly")
    expect(last(page, "running")).to_contain_text("Running on local")
    page.locator("#cancel").click()
    expect(last(page, "cancelled").locator(".output")).to_contain_text("No output.")
    picture(page, artifacts, "cancelled")


def test_a_dry_run_runs_nothing(page: Page, place: Path, artifacts: Path) -> None:
    page.locator("#options button").first.click()
    page.locator("#dry-run input").check()
    say(page, "Make the tapir folder")
    last(page, "planned")
    assert not (place / "work" / "tapir").exists()
    picture(page, artifacts, "planned")


def test_hostile_text_stays_text(page: Page, artifacts: Path) -> None:
    say(page, "Show the zebra report")
    task = last(page, "succeeded")
    expect(task.locator(".output code")).to_contain_text('<img src=x onerror="window.pwned=1">')
    expect(task.locator(".output code")).to_contain_text("</code></pre>")
    expect(task.locator(".output code")).to_contain_text("\\u202e")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#transcript :is(img, script, iframe, a, #broken-out)").count() == 0
    picture(page, artifacts, "hostile")


def test_a_secret_is_shown_once(page: Page, place: Path, artifacts: Path) -> None:
    say(page, "Make a new llama key")
    last(page, "waiting")
    page.locator("#approve").click()
    last(page, "succeeded")
    made = (place / "work" / "llama.txt").read_text().strip()
    assert made not in page.content()
    page.locator("#show").click()
    expect(page.locator("#shown code")).to_have_text(made)
    expect(page.locator("#show")).to_be_hidden()
    picture(page, artifacts, "secret")
    page.reload()
    expect(last(page, "succeeded")).to_contain_text("shown, once")
    expect(page.locator("#show")).to_be_hidden()
    assert made not in page.content()
    assert made not in str(page.evaluate("[JSON.stringify(localStorage), JSON.stringify(sessionStorage)]"))


def test_two_tabs_show_the_same(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(page.url)
    say(page, "Make the tapir folder")
    expect(other.locator("#ask")).to_be_visible()
    other.locator("#reason textarea").fill("from the other tab")
    other.locator("#reject").click()
    expect(last(page, "cancelled")).to_contain_text("from the other tab")
    expect(page.locator("#ask")).to_be_hidden()
    other.close()


def test_it_fits_a_narrow_window(page: Page, artifacts: Path) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    say(page, "Make the tapir folder")
    last(page, "waiting")
    for name in ("#words", "#send", "#cancel", "#approve", "#reject"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 400, name
        assert box["y"] + box["height"] <= 800, name
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    picture(page, artifacts, "narrow")
    page.locator("#cancel").click()
    last(page, "cancelled")


def test_it_is_readable_in_the_dark(page: Page, artifacts: Path) -> None:
    page.emulate_media(color_scheme="dark")
    page.reload()
    say(page, "Make the tapir folder")
    last(page, "waiting")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 27)"
    picture(page, artifacts, "dark")
    page.locator("#cancel").click()
    last(page, "cancelled")


def test_history_survives_reload_and_restart(page: Page, server: Any, artifacts: Path) -> None:
    say(page, "Feed the walrus with herring")
    last(page, "succeeded")
    say(page, "Make the tapir folder")
    last(page, "waiting")
    page.reload()
    expect(page.locator(".task")).to_have_count(2)
    assert server.stop() == 0
    server.start()
    page.reload()
    expect(page.locator("body")).to_contain_text("Open the link that `itops serve` printed.")
    page.goto(server.link)
    server.link = server.next_link()
    expect(page.locator(".task")).to_have_count(2)
    expect(page.locator(".task").first.locator(".output code")).to_have_text("fed with herring")
    expect(page.locator("#ask")).to_be_visible()
    expect(page.locator(".approval").last).to_be_in_viewport(ratio=1)
    picture(page, artifacts, "restarted")
    page.locator("#reason textarea").fill("after the restart")
    page.locator("#reject").click()
    expect(last(page, "cancelled")).to_contain_text("after the restart")
