"""The second model is asked where the first can't be had."""

import pytest

from itops.errors import BudgetExceeded, ProviderError
from itops.llm.fallback import FallbackModel
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.testing.scripted_model import ScriptedModel

ASKED = ModelRequest(messages=(Message(role="user", text="x"),))


async def test_the_first_is_enough_where_it_works() -> None:
    second = ScriptedModel([], name="second")
    model = FallbackModel(ScriptedModel(["good"], name="first"), second)
    assert (await model.say(ASKED)).model == model.name == "first"
    assert second.asked == []


@pytest.mark.parametrize("transient", [True, False])
async def test_the_second_stands_in_and_is_named(transient: bool) -> None:
    first = ScriptedModel([ProviderError("down", transient=transient)], name="first")
    said = await FallbackModel(first, ScriptedModel(["good"], name="second")).say(ASKED)
    assert (said.text, said.model) == ("good", "second")


async def test_where_both_fail_both_are_told() -> None:
    first = ScriptedModel([ProviderError("First is down.", transient=True, billed=False, mend="Mend the first.")])
    second = ScriptedModel([ProviderError("Second is down.")])
    with pytest.raises(ProviderError) as caught:
        await FallbackModel(first, second).say(ASKED)
    assert caught.value.what == "First is down. The fall-back failed too: Second is down."
    assert (caught.value.mend, caught.value.transient, caught.value.billed) == ("Mend the first.", True, True)


async def test_a_spent_budget_is_not_got_round() -> None:
    second = ScriptedModel(["good"])
    with pytest.raises(BudgetExceeded):
        await FallbackModel(ScriptedModel([BudgetExceeded("spent")]), second).say(ASKED)
    assert second.asked == []


class Breaking:
    name = "first"

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        if hear:
            hear("Once upon")
        raise ProviderError("broke")


async def test_what_was_heard_is_not_begun_anew_by_another() -> None:
    second, pieces = ScriptedModel(["good", "good"]), []
    with pytest.raises(ProviderError, match="broke"):
        await FallbackModel(Breaking(), second).say(ASKED, pieces.append)
    assert pieces == ["Once upon"]
    assert (await FallbackModel(Breaking(), second).say(ASKED)).text == "good"
