"""A budget refuses the call that would go over it."""

import pytest
from pydantic import BaseModel

from itops.domain.outcome import Usage
from itops.errors import BudgetExceeded, ProviderError
from itops.llm.budget import estimated_tokens, spent_tokens, with_budget
from itops.llm.language_model import Message
from itops.testing.scripted_model import ScriptedModel

ASKED = (Message(role="user", text="x" * 400),)


class Wanted(BaseModel):
    ok: bool


GOOD = '{"ok": true}'


async def test_a_call_within_the_budget_goes_through_under_the_models_name() -> None:
    model = with_budget(ScriptedModel([GOOD], name="m"), tokens_left=1000)
    assert (await model.ask(ASKED, Wanted)).value.ok
    assert model.name == "m"


async def test_the_call_that_would_go_over_is_never_made() -> None:
    inner = ScriptedModel([GOOD])
    model = with_budget(inner, tokens_left=estimated_tokens(ASKED) - 1)
    with pytest.raises(BudgetExceeded, match="budget") as caught:
        await model.ask(ASKED, Wanted)
    assert inner.asked == []
    assert not caught.value.transient


async def test_what_calls_cost_is_taken_off() -> None:
    inner = ScriptedModel([GOOD, GOOD])
    first = await ScriptedModel([GOOD]).ask(ASKED, Wanted)
    model = with_budget(inner, tokens_left=estimated_tokens(ASKED) + spent_tokens(first.usage) - 1)
    await model.ask(ASKED, Wanted)
    with pytest.raises(BudgetExceeded):
        await model.ask(ASKED, Wanted)
    assert len(inner.asked) == 1


async def test_a_call_that_fails_costs_its_messages() -> None:
    model = with_budget(ScriptedModel([ProviderError("down"), GOOD]), tokens_left=2 * estimated_tokens(ASKED) - 1)
    with pytest.raises(ProviderError, match="down"):
        await model.ask(ASKED, Wanted)
    with pytest.raises(BudgetExceeded):
        await model.ask(ASKED, Wanted)


def test_input_and_output_weigh_alike() -> None:
    assert spent_tokens(Usage(llm_calls=1, input_tokens=3, output_tokens=4)) == 7
