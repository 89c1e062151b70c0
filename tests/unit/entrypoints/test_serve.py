import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from itops.bootstrap import House
from itops.entrypoints.serve import listen, ready, serve_page
from itops.errors import ItOpsUnavailable, PolicyError, UsageError
from itops.settings import load_settings


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "127.0.0.1.evil.example"])
def test_an_address_that_is_open_to_others_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="open to other machines"):
        listen(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_an_address_of_this_machine_is_bound(host: str) -> None:
    with listen(host, 0) as listener:
        assert listener.getsockname()[1] > 0


@pytest.mark.parametrize("port", [-2, 65536])
def test_there_is_no_such_port(port: int) -> None:
    with pytest.raises(UsageError, match="no port"):
        listen("127.0.0.1", port)


def test_a_port_that_is_taken_is_said(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ItOpsUnavailable, match=f"Port {port} .* in use") as caught:
            serve_page(host="127.0.0.1", port=port)
    assert caught.value.exit_code == 6
    assert "--port 0" in caught.value.mend


async def test_it_is_ready_when_journal_and_policy_answer(home: Path, tmp_path: Path) -> None:
    house = House(load_settings())
    await ready(house)
    house.close()
    broken = tmp_path / "policy"
    broken.mkdir()
    (broken / "rules.yaml").write_text("rules: [")
    house = House(load_settings(policy_dir=broken))
    with pytest.raises(PolicyError):
        await ready(house)
    house.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_told_to_stop(home: Path, number: signal.Signals) -> None:
    serving = subprocess.Popen(
        [sys.executable, "-m", "itops.entrypoints.cli", "serve", "--port", "0"],
        env={**os.environ, "ITOPS_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert serving.stdout is not None
    link = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", await asyncio.to_thread(serving.stdout.readline))
    assert link
    async with httpx.AsyncClient(base_url=link.group().partition("?")[0]) as browser:
        assert (await browser.get("/readyz")).status_code == 200
        assert (await browser.get(link.group())).status_code == 303
        assert (await browser.get(link.group())).status_code == 403
    serving.send_signal(number)
    said, _ = await asyncio.to_thread(serving.communicate, timeout=30)
    assert serving.returncode == 0, said
    assert "Traceback" not in said
    assert "For another browser: http://127.0.0.1:" in said
