"""The port to a model: messages and a wanted shape in, a validated value and its usage out."""

from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from itops.domain.noun import Noun
from itops.domain.outcome import Usage

V = TypeVar("V", bound=BaseModel)


class Message(Noun):
    """One message to a model."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Reply(Generic[V]):
    """A validated value, and what it cost (corrective rounds included)."""

    value: V
    usage: Usage


class LanguageModel(Protocol):
    """A model, whatever its provider. What it says is data, never trusted.

    Raises:
        ProviderError: it can't be reached, refuses, or gives nothing of the wanted shape after one corrective round.
        BudgetExceeded: the call would go over the budget.
    """

    name: str

    async def ask(self, messages: tuple[Message, ...], want: type[V]) -> Reply[V]:
        """One value of the wanted shape."""
        ...
