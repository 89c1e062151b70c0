"""What a change would do is seen before it is approved: at the terminal, as JSON, and beside the page's button."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

_spec = importlib.util.spec_from_file_location("page_server", Path(__file__).with_name("page_server.py"))
_page_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_page_server)
PageServer = _page_server.PageServer

RUN = """mkdir -p -- {work}/okapi
printf 'name = okapi\\n' > {work}/okapi/settings
sed -i s/asleep/awake/ {work}/zoo.conf
chmod 600 {work}/zoo.conf"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("preview")
    for folder in ("library", "work"):
        (place / folder).mkdir()
    (place / "work" / "zoo.conf").write_text("the okapi is asleep\n")
    (place / "library" / "okapi.md").write_text(
        "---\nid: demo.okapi\ntitle: Wake the okapi\nplatform: linux\neffect: change\nphrases: [Wake the okapi]\n---\n"
        f"For a test.\n\n```bash run\n{RUN.format(work=place / 'work')}\n```\n"
    )
    itops(place, "instructions", "sync", str(place / "library"), "--publish")
    return place


def itops(place: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "itops.entrypoints.cli", *words],
        env={**os.environ, "ITOPS_HOME": str(place / "home"), **settings},
        cwd=place,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def step_of(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    step: dict[str, Any] = json.loads(ran.stdout)["steps"][0]
    return step


def test_a_change_is_seen_before_it_is_approved(place: Path) -> None:
    step = step_of(itops(place, "run", "Wake the okapi", "--json"))
    if step["preview"]["trouble"]:
        pytest.skip(f"no preview on this system: {step['preview']['trouble']}")
    work = place / "work"
    assert [(change["what"], change["path"]) for change in step["preview"]["changes"]] == [
        ("added", f"{work}/okapi"),
        ("added", f"{work}/okapi/settings"),
        ("changed", f"{work}/zoo.conf"),
    ]
    assert "+the okapi is awake" in step["preview"]["changes"][2]["diff"]
    assert [path.name for path in work.iterdir()] == ["zoo.conf"]
    shown = itops(place, "approvals", "show", step["approval"]["id"])
    assert "Preview: tried on a copy, it changed 3 files and folders (2 added, 1 changed)." in shown.stdout
    assert f"~ {work}/zoo.conf" in shown.stdout
    document = json.loads(itops(place, "approvals", "show", step["approval"]["id"], "--json").stdout)
    assert document["preview"] == step["preview"]


def test_it_can_be_switched_off(place: Path) -> None:
    assert step_of(itops(place, "run", "Wake the okapi", "--json", ITOPS_PREVIEW="false"))["preview"] is None


@pytest.mark.browser
def test_it_stands_beside_the_button(place: Path, need: Callable[[str], Path], artifacts: Path) -> None:
    server = PageServer(place / "home", place)
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=need("chromium"), headless=True, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(server.link)
            page.goto(f"http://127.0.0.1:{server.port}/new")
            page.locator("#words textarea").fill("Wake the okapi")
            page.locator("#words textarea").press("Enter")
            expect(page.locator("#ask .preview")).to_contain_text("review:", timeout=60_000)
            expect(page.locator("#approve")).to_be_visible()
            page.wait_for_timeout(300)
            page.screenshot(path=artifacts / "page-preview.png")
            browser.close()
    finally:
        server.stop()
