"""A budget is written in words, and says why a call may not be made."""

import pytest
from pydantic import ValidationError

from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage


@pytest.mark.parametrize(
    ("words", "budget"),
    [
        ("", Budget()),
        ("200000 tokens, 60 calls, 2 USD, 900 seconds", Budget(tokens=200_000, calls=60, usd=2, seconds=900)),
        ("1 call", Budget(calls=1)),
        ("0.5 usd , 1 token", Budget(usd=0.5, tokens=1)),
    ],
)
def test_it_is_read_from_words(words: str, budget: Budget) -> None:
    assert Budget.model_validate(words) == budget
    assert Budget.model_validate(str(budget) if words else "") == budget


@pytest.mark.parametrize("words", ["5 apples", "many tokens", "1.5 calls", "-1 calls"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(ValidationError):
        Budget.model_validate(words)


def test_without_limits_it_says_so_and_refuses_nothing() -> None:
    assert str(Budget()) == "no limit"
    spent = Spending(usage=Usage(llm_calls=10**6, input_tokens=10**9, cost_usd=10**6), seconds=10**9)
    assert Budget().refusal(spent, needed_tokens=10**9) == ""


@pytest.mark.parametrize(
    ("budget", "spent", "why"),
    [
        (Budget(tokens=100), Spending(usage=Usage(input_tokens=60, output_tokens=30)), ""),
        (Budget(tokens=100), Spending(usage=Usage(input_tokens=60, output_tokens=31)), "9 of 100 are left"),
        (Budget(calls=2), Spending(usage=Usage(llm_calls=1)), ""),
        (Budget(calls=2), Spending(usage=Usage(llm_calls=2)), "2 calls were made"),
        (Budget(seconds=5), Spending(seconds=4.9), ""),
        (Budget(seconds=5), Spending(seconds=5), "5 is the most"),
        (Budget(usd=1), Spending(usage=Usage(cost_usd=0.99)), ""),
        (Budget(usd=1), Spending(usage=Usage(cost_usd=1.0)), "1.0000 USD were spent"),
        (Budget(usd=1), Spending(usage=Usage(unpriced_calls=1)), "price of a model that was asked is not known"),
        (Budget(calls=9), Spending(usage=Usage(unpriced_calls=1)), ""),
    ],
)
def test_it_refuses_what_goes_over(budget: Budget, spent: Spending, why: str) -> None:
    refusal = budget.refusal(spent, needed_tokens=10)
    assert bool(refusal) is bool(why)
    assert why in refusal


def test_spending_adds_up() -> None:
    one = Spending(usage=Usage(llm_calls=1, input_tokens=2, output_tokens=3, cost_usd=0.1), seconds=0.5)
    assert (one + one).tokens == 10
    assert (one + one).seconds == 1
    assert (one + one + one).usage.cost_usd == 0.3
