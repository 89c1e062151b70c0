"""A model that keeps failing is left alone, then tried by one call."""

import pytest

from itops.errors import ProviderError
from itops.llm.circuit_breaker import BreakingModel
from itops.llm.language_model import Message, ModelRequest
from itops.testing.scripted_model import ScriptedModel

ASKED = ModelRequest(messages=(Message(role="user", text="x"),))
PASSING = ProviderError("busy", transient=True)
LASTING = ProviderError("no such model")


async def play(model: BreakingModel, calls: int) -> list[str]:
    told = []
    for _ in range(calls):
        try:
            told.append((await model.say(ASKED)).text)
        except ProviderError as error:
            told.append(error.what)
    return told


async def test_after_three_failures_in_a_row_it_refuses_at_once() -> None:
    inner = ScriptedModel([PASSING] * 3, name="m")
    told = await play(BreakingModel(inner, clock=lambda: 0.0), 5)
    assert told[:3] == ["busy"] * 3
    assert told[3:] == ["The model m failed 3 times in a row, and is not asked for another 30 seconds."] * 2
    assert len(inner.asked) == 3


async def test_the_refusal_may_pass_and_costs_nothing() -> None:
    model = BreakingModel(ScriptedModel([PASSING] * 3), clock=lambda: 0.0)
    await play(model, 3)
    with pytest.raises(ProviderError) as caught:
        await model.say(ASKED)
    assert (caught.value.transient, caught.value.billed, caught.value.retry_after) == (True, False, None)


async def test_a_success_and_a_lasting_failure_break_the_row() -> None:
    lines = [PASSING, PASSING, "good", PASSING, PASSING, LASTING, PASSING, PASSING, "good"]
    told = await play(BreakingModel(ScriptedModel(lines)), len(lines))
    assert told[-1] == "good"


async def test_after_its_rest_one_call_tries_and_reopens_it() -> None:
    now = [0.0]
    model = BreakingModel(ScriptedModel([*[PASSING] * 4, "good", "good"]), clock=lambda: now[0])
    await play(model, 3)
    now[0] = 31.0
    told = await play(model, 2)
    assert told[0] == "busy"
    assert "is not asked" in told[1]
    now[0] = 62.0
    assert await play(model, 2) == ["good", "good"]


async def test_while_one_call_tries_the_others_wait() -> None:
    now, model = [0.0], BreakingModel(ScriptedModel([]), clock=lambda: now[0])
    for _ in range(3):
        model._count(failed=True)
    now[0] = 31.0
    model._refuse_while_resting()
    with pytest.raises(ProviderError, match="not asked"):
        model._refuse_while_resting()
