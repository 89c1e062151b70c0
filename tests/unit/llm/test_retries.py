"""What may pass is tried again; nothing else is."""

import time

import pytest
import stamina

from itops.errors import ProviderError
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.llm.retries import RetryingModel
from itops.testing.scripted_model import ScriptedModel

ASKED = ModelRequest(messages=(Message(role="user", text="x"),))


def retrying(inner: ScriptedModel, time_limit: float = 60.0) -> RetryingModel:
    return RetryingModel(inner, time_limit_seconds=time_limit)


async def test_what_passes_is_not_noticed() -> None:
    inner = ScriptedModel([ProviderError("busy", retry_after=0.0), ProviderError("busy", retry_after=0.1), "good"])
    assert (await retrying(inner).say(ASKED)).text == "good"
    assert len(inner.asked) == 3


async def test_three_times_is_enough() -> None:
    inner = ScriptedModel(lambda _: ProviderError("busy", retry_after=0.0))
    with pytest.raises(ProviderError, match="busy"):
        await retrying(inner).say(ASKED)
    assert len(inner.asked) == 3


@pytest.mark.parametrize(
    ("error", "limit"),
    [
        (ProviderError("no key"), 60.0),
        (ProviderError("unreachable", transient=True), 60.0),
        (ProviderError("busy for an hour", transient=True, retry_after=3600), 7200.0),
        (ProviderError("busy for longer than there is time", transient=True, retry_after=10), 5.0),
    ],
)
async def test_what_does_not_pass_in_time_is_told_at_once(error: ProviderError, limit: float) -> None:
    inner = ScriptedModel([error])
    with pytest.raises(ProviderError, match=error.what):
        await retrying(inner, limit).say(ASKED)
    assert len(inner.asked) == 1


async def test_a_wish_to_wait_is_honoured() -> None:
    began = time.monotonic()
    await retrying(ScriptedModel([ProviderError("busy", retry_after=0.7), "good"])).say(ASKED)
    assert time.monotonic() - began >= 0.7


class Breaking:
    name = "m"
    calls = 0

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        self.calls += 1
        if hear:
            hear("Once upon")
        raise ProviderError("broke", retry_after=0.0)


@pytest.mark.parametrize(("is_heard", "calls"), [(True, 1), (False, 3)])
async def test_what_was_heard_is_not_begun_anew(is_heard: bool, calls: int) -> None:
    inner, pieces = Breaking(), []
    with stamina.set_testing(True, attempts=3), pytest.raises(ProviderError, match="broke"):
        await RetryingModel(inner, time_limit_seconds=60).say(ASKED, pieces.append if is_heard else None)
    assert inner.calls == calls
