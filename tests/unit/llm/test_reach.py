"""An address where nothing speaks is told from a provider that thinks."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Iterator

import httpx
import pytest

from itops.llm.reach import address_in_environment, look, while_alive
from itops.testing.openai_server import OpenAiServer

TRUST = ssl.create_default_context()


@pytest.fixture
def mute() -> Iterator[str]:
    """Takes connections, and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(10)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


@pytest.fixture
def nobody() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/v1"


async def thought(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


async def test_long_thoughts_of_a_living_provider_are_waited_for() -> None:
    with OpenAiServer() as server:
        assert await while_alive(thought(3), server.base_url, TRUST) == "done"


async def test_a_mute_address_is_given_up(mute: str) -> None:
    began = time.monotonic()
    with pytest.raises(httpx.ConnectTimeout) as caught:
        await while_alive(thought(60), mute, TRUST)
    assert time.monotonic() - began < 30
    assert str(caught.value.request.url) == mute


async def test_quick_work_is_never_doubted(mute: str) -> None:
    assert await while_alive(thought(0), mute, TRUST) == "done"


async def test_where_nobody_listens_the_work_finds_out_itself(nobody: str) -> None:
    assert await while_alive(thought(2), nobody, TRUST) == "done"
    with pytest.raises(httpx.ConnectError):
        await look(nobody, TRUST)


async def test_the_works_own_error_is_told(nobody: str) -> None:
    async def failing() -> str:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await while_alive(failing(), nobody, TRUST)


async def test_when_it_is_cancelled_the_work_is(mute: str) -> None:
    ended = asyncio.Event()

    async def work() -> str:
        try:
            return await thought(60)
        finally:
            ended.set()

    waiting = asyncio.create_task(while_alive(work(), mute, TRUST))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(10):
        await ended.wait()


@pytest.mark.parametrize(
    ("variable", "provider"),
    [("OPENAI_BASE_URL", "openai"), ("OLLAMA_BASE_URL", "ollama"), ("AZURE_OPENAI_ENDPOINT", "azure")],
)
def test_an_address_that_was_set_is_known(monkeypatch: pytest.MonkeyPatch, variable: str, provider: str) -> None:
    monkeypatch.delenv(variable, raising=False)
    assert address_in_environment(provider) == ""
    monkeypatch.setenv(variable, "http://llm.example")
    assert address_in_environment(provider) == "http://llm.example"
