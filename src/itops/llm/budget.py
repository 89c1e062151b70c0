"""Hard limits on what may be spent on models, counted in a store that every process shares."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final, Protocol

from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage
from itops.errors import BudgetExceeded, ProviderError
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said
from itops.llm.plain_request import plain_messages
from itops.llm.providers import estimated_tokens

# Where fewer tokens are left than a long reply takes, the provider is told to stop there.
_LONG_REPLY: Final = 16_384


class Ledger(Protocol):
    """What was spent, by account; safe for any number of processes at once."""

    async def reserve(self, budgets: Mapping[str, Budget], needed: Spending) -> tuple[str, str] | None:
        """Charge this to every account if none would go over; else charge nothing, and say which would, and why."""
        ...

    async def charge(self, accounts: tuple[str, ...], spending: Spending) -> None:
        """Charge this to every account, whatever their budgets; less than nothing gives back what was reserved."""
        ...

    async def spent(self, account: str) -> Spending:
        """What an account was charged so far."""
        ...


class BudgetedModel:
    """A model that refuses the call which would go over a budget.

    Args:
        model: Who is asked.
        ledger: Where it is counted.
        budgets: For each account that pays (its name is told to people), the most that it may.
    """

    def __init__(self, model: LanguageModel, ledger: Ledger, budgets: Mapping[str, Budget]) -> None:
        self.name = model.name
        self._model = model
        self._ledger = ledger
        self._budgets = dict(budgets)

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says.

        Raises:
            BudgetExceeded: the call needs more than what is left and the model was not asked; or its time ran out.
            ProviderError: as the model raises it.
        """
        tokens = estimated_tokens(plain_messages(request))
        reserved = Spending(usage=Usage(llm_calls=1, input_tokens=tokens))
        refused = await self._ledger.reserve(self._budgets, reserved)
        if refused is not None:
            raise _exceeded(*refused)
        began, usage = time.monotonic(), reserved.usage
        try:
            said = await self._within_time(request, hear)
            usage = said.usage
        except ProviderError as error:
            usage = usage if error.billed else Usage()
            raise
        finally:
            took = Spending(usage=_difference(usage, reserved.usage), seconds=time.monotonic() - began)
            await asyncio.shield(self._ledger.charge(tuple(self._budgets), took))
        return said

    async def _within_time(self, request: ModelRequest, hear: Hear | None) -> Said:
        tokens, seconds = await self._left()
        if tokens is not None and tokens < _LONG_REPLY:
            request = request.model_copy(update={"most_output": max(tokens, 1)})
        try:
            async with asyncio.timeout(seconds):
                return await self._model.say(request, hear)
        except TimeoutError as error:
            raise BudgetExceeded("The budget of time for models ran out while one was thinking.") from error

    async def _left(self) -> tuple[int | None, float | None]:
        """The tokens and seconds that are left, where they are limited."""
        tokens, seconds = [], []
        for account, budget in self._budgets.items():
            if budget.tokens is None and budget.seconds is None:
                continue
            spent = await self._ledger.spent(account)
            tokens += [budget.tokens - spent.tokens] if budget.tokens is not None else []
            seconds += [budget.seconds - spent.seconds] if budget.seconds is not None else []
        return min(tokens, default=None), min(seconds, default=None)


def _exceeded(account: str, why: str) -> BudgetExceeded:
    return BudgetExceeded(
        f"The budget of {account} for models is spent: {why}.",
        mend="Raise ITOPS_TASK_BUDGET or ITOPS_DAY_BUDGET, or split the task.",
    )


def _difference(usage: Usage, reserved: Usage) -> Usage:
    back = {name: -value for name, value in reserved.model_dump().items()}
    return usage + Usage(**back)
