"""The layers around a provider, put together; each is a ``LanguageModel`` itself, and knows none of the others.

From the agent to the wire:

1. traced      sees all there is to see, hits of the cache included
2. redacted    so that nothing below, on disk or on the wire, ever holds a secret
3. cached      so that a hit costs no budget, and is there when the provider is not
4. budgeted    for this task and this person's day; a try that fails is paid for as well
5. fall-back   over two models, each of which is
6. breaking    around its retries: three calls that failed with all their retries, and it rests
7. retrying    what may pass by itself
8. priced      by the name of the model that did the work
9. provider    the call itself
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from itops.domain.budget import Budget
from itops.domain.outcome import Usage
from itops.domain.task import Task
from itops.llm.budget import BudgetedModel, Ledger
from itops.llm.cache import CachedModel
from itops.llm.circuit_breaker import BreakingModel
from itops.llm.fallback import FallbackModel
from itops.llm.language_model import LanguageModel
from itops.llm.prices import PricedModel, cost_usd, read_prices
from itops.llm.providers import Dialect, create_model
from itops.llm.reach import address_in_environment
from itops.llm.redacted import RedactedModel
from itops.llm.retries import RetryingModel
from itops.llm.traced import TracedModel
from itops.settings import Settings


@dataclass(frozen=True)
class Layers:
    """Every layer's settings; one instance serves a process, as the circuit breaker remembers.

    ``cache`` is the file of the cache, if one is wanted; ``prices`` that of your own prices.
    """

    model: str
    ledger: Ledger
    redact: Callable[[str], str]
    fallback: str = ""
    time_limit_seconds: float = 60.0
    dialect: Dialect = "words"
    cache: Path | None = None
    prices: Path | None = None
    task_budget: Budget = field(default_factory=Budget)
    day_budget: Budget = field(default_factory=Budget)

    @cached_property
    def shared(self) -> LanguageModel:
        """The layers that all tasks share: from the fall-back down.

        Raises:
            SettingsError: a model's name or the file of prices can't be read.
        """
        first = self._one(self.model)
        return FallbackModel(first, self._one(self.fallback)) if self.fallback else first

    def for_task(self, task: Task, *, now: datetime) -> LanguageModel:
        """The whole stack, paid for by this task and by its requester's day."""
        budgets = {f"task {task.id}": self.task_budget, day_account(task.requester.id, now): self.day_budget}
        model: LanguageModel = BudgetedModel(self.shared, self.ledger, budgets)
        if self.cache is not None:
            model = CachedModel(model, self.cache, salt=self._salt, redact=self.redact)
        return TracedModel(RedactedModel(model, self.redact), task=task.id, person=task.requester.id)

    async def check(self, spec: str) -> None:
        """Whether a model is set up and its provider can be reached; nothing is asked of it.

        Raises:
            ProviderError: what is missing, or that nothing answers.
        """
        await create_model(spec, redact=self.redact).check()

    def has_price(self, spec: str) -> bool:
        """Whether it is known what a model costs."""
        return cost_usd(spec, Usage(), read_prices(self.prices)) is not None

    def _one(self, spec: str) -> LanguageModel:
        limit = self.time_limit_seconds
        provider = create_model(spec, time_limit_seconds=limit, dialect=self.dialect, redact=self.redact)
        return BreakingModel(RetryingModel(PricedModel(provider, read_prices(self.prices)), time_limit_seconds=limit))

    @property
    def _salt(self) -> str:
        """What else a reply depends on: how shapes are asked for, and where the provider stands."""
        return f"{self.dialect} {address_in_environment(self.model.partition(':')[0])}"


def layers_of(settings: Settings, *, home: Path, ledger: Ledger, redact: Callable[[str], str]) -> Layers:
    """The layers that the settings ask for."""
    prices = home / "prices.yaml"
    return Layers(
        model=settings.llm,
        fallback=settings.llm_fallback,
        ledger=ledger,
        redact=redact,
        time_limit_seconds=settings.llm_time_limit_seconds,
        dialect=settings.llm_schema,
        cache=home / "replies.db" if settings.llm_cache else None,
        prices=settings.llm_prices or (prices if prices.exists() else None),
        task_budget=settings.task_budget,
        day_budget=settings.day_budget,
    )


def day_account(person: str, now: datetime) -> str:
    """The account of a person's day, in UTC."""
    return f"{person} on {now:%Y-%m-%d}"
