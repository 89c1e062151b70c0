"""A hard limit on what a task may spend on models."""

import threading
from typing import Final

from itops.domain.outcome import Usage
from itops.errors import BudgetExceeded, ProviderError
from itops.llm.language_model import LanguageModel, Message, Reply, V

_CHARACTERS_A_TOKEN: Final = 4


def estimated_tokens(messages: tuple[Message, ...]) -> int:
    """About how many tokens these messages weigh."""
    return sum(len(message.text) for message in messages) // _CHARACTERS_A_TOKEN + 1


def spent_tokens(usage: Usage) -> int:
    """How many tokens this usage weighs against a budget."""
    return usage.input_tokens + usage.output_tokens


class BudgetedModel:
    """A model that refuses the call which would go over its budget."""

    def __init__(self, model: LanguageModel, *, tokens_left: int) -> None:
        self.name = model.name
        self._model = model
        self._left = tokens_left
        self._lock = threading.Lock()

    async def ask(self, messages: tuple[Message, ...], want: type[V]) -> Reply[V]:
        """One value of the wanted shape.

        Raises:
            BudgetExceeded: the messages weigh more than what is left; the model was not asked.
            ProviderError: as the model raises it.
        """
        needed = estimated_tokens(messages)
        self._refuse_beyond(needed)
        try:
            reply = await self._model.ask(messages, want)
        except ProviderError:
            self._spend(needed)
            raise
        self._spend(spent_tokens(reply.usage))
        return reply

    def _refuse_beyond(self, needed: int) -> None:
        with self._lock:
            left = self._left
        if needed > left:
            raise BudgetExceeded(
                f"The task's budget for models is spent: the next call needs about {needed} tokens, "
                f"and {max(left, 0)} are left."
            )

    def _spend(self, tokens: int) -> None:
        with self._lock:
            self._left -= tokens


def with_budget(model: LanguageModel, *, tokens_left: int) -> LanguageModel:
    """The model, limited to ``tokens_left`` (a task's budget less what its journal says was spent)."""
    return BudgetedModel(model, tokens_left=tokens_left)
