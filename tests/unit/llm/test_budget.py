"""A budget refuses the call that would go over it."""

import asyncio

import pytest

from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage
from itops.errors import BudgetExceeded, ProviderError
from itops.llm.budget import BudgetedModel
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.llm.providers import estimated_tokens
from itops.testing.memory_ledger import MemoryLedger
from itops.testing.scripted_model import ScriptedModel

ASKED = ModelRequest(messages=(Message(role="user", text="x" * 400),))
NEEDED = estimated_tokens(ASKED.messages)


def budgeted(inner: ScriptedModel, ledger: MemoryLedger | None = None, **limits: float) -> BudgetedModel:
    return BudgetedModel(inner, ledger or MemoryLedger(), {"task t": Budget(**limits)})


async def test_a_call_within_the_budget_goes_through_under_the_models_name() -> None:
    model = budgeted(ScriptedModel(["good"], name="m"), tokens=1000)
    assert (await model.say(ASKED)).text == "good"
    assert model.name == "m"


async def test_the_call_that_would_go_over_is_never_made() -> None:
    inner = ScriptedModel(["good"])
    with pytest.raises(
        BudgetExceeded, match=r"The budget of task t for models is spent: the next call needs"
    ) as caught:
        await budgeted(inner, tokens=NEEDED - 1).say(ASKED)
    assert inner.asked == []
    assert not caught.value.transient
    assert "ITOPS_TASK_BUDGET" in caught.value.mend


async def test_what_was_really_spent_is_counted() -> None:
    ledger = MemoryLedger()
    said = await budgeted(ScriptedModel(["good" * 10]), ledger, tokens=10_000).say(ASKED)
    spent = await ledger.spent("task t")
    assert spent.usage == said.usage
    assert 0 < spent.seconds < 60


async def test_calls_are_counted_over_all_models_of_the_account() -> None:
    ledger = MemoryLedger()
    await budgeted(ScriptedModel(["good"]), ledger, calls=1).say(ASKED)
    with pytest.raises(BudgetExceeded, match="1 calls were made"):
        await budgeted(ScriptedModel(["good"]), ledger, calls=1).say(ASKED)


async def test_every_account_pays_and_each_may_refuse() -> None:
    ledger = MemoryLedger()
    accounts = {"task t": Budget(calls=9), "ann on 2026-01-01": Budget(calls=1)}
    model = BudgetedModel(ScriptedModel(["good", "good"]), ledger, accounts)
    await model.say(ASKED)
    with pytest.raises(BudgetExceeded, match="budget of ann on 2026-01-01"):
        await model.say(ASKED)
    assert (await ledger.spent("task t")).usage.llm_calls == 1


@pytest.mark.parametrize(("billed", "calls"), [(True, 1), (False, 0)])
async def test_a_call_that_fails_is_paid_where_the_provider_may_have_worked(billed: bool, calls: int) -> None:
    ledger = MemoryLedger()
    with pytest.raises(ProviderError, match="down"):
        await budgeted(ScriptedModel([ProviderError("down", billed=billed)]), ledger).say(ASKED)
    spent = await ledger.spent("task t")
    assert (spent.usage.llm_calls, spent.usage.input_tokens) == (calls, NEEDED * calls)


async def test_calls_at_once_can_not_go_over_together() -> None:
    ledger, inner = MemoryLedger(), ScriptedModel(lambda _: "good")
    models = [budgeted(inner, ledger, calls=3) for _ in range(10)]
    answers = await asyncio.gather(*(model.say(ASKED) for model in models), return_exceptions=True)
    assert sum(isinstance(answer, BudgetExceeded) for answer in answers) == 7
    assert len(inner.asked) == 3


async def test_a_reply_may_take_no_more_than_what_is_left() -> None:
    inner = ScriptedModel(["good", "good"])
    await budgeted(inner, tokens=NEEDED + 50).say(ASKED)
    await budgeted(inner, tokens=10**6).say(ASKED)
    assert [request.most_output for request in inner.requests] == [50, None]


class Slow:
    name = "slow"

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        await asyncio.sleep(60)
        raise AssertionError("it was not given up")


async def test_the_time_that_is_left_bounds_the_call_and_is_counted() -> None:
    ledger = MemoryLedger()
    await ledger.charge(("task t",), Spending(seconds=9.9))
    model = BudgetedModel(Slow(), ledger, {"task t": Budget(seconds=10)})
    with pytest.raises(BudgetExceeded, match="budget of time"):
        await model.say(ASKED)
    with pytest.raises(BudgetExceeded, match="10 is the most"):
        await model.say(ASKED)


async def test_a_call_that_is_cancelled_stays_charged() -> None:
    ledger = MemoryLedger()
    call = asyncio.create_task(BudgetedModel(Slow(), ledger, {"task t": Budget()}).say(ASKED))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await ledger.spent("task t")).usage == Usage(llm_calls=1, input_tokens=NEEDED)
