"""What may be spent on models, and what was."""

import re
from typing import Any, Final

from pydantic import model_validator

from itops.domain.noun import Noun
from itops.domain.outcome import Usage

_PART: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>tokens?|calls?|usd|seconds?)", re.IGNORECASE)
_FORM: Final = "a budget looks like “200000 tokens, 60 calls, 2 USD, 900 seconds”; each part may be left out"


class Spending(Noun):
    """What was spent: what models were asked for, and the seconds that they took."""

    usage: Usage = Usage()
    seconds: float = 0.0

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(usage=self.usage + other.usage, seconds=self.seconds + other.seconds)

    @property
    def tokens(self) -> int:
        """Input and output weigh alike."""
        return self.usage.input_tokens + self.usage.output_tokens


class Budget(Noun):
    """The most that may be spent; what is ``None`` has no limit. Written ``200000 tokens, 60 calls, 2 USD``."""

    tokens: int | None = None
    calls: int | None = None
    usd: float | None = None
    seconds: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:  # noqa: ANN401 - whatever stands in a file or variable
        return _read(given) if isinstance(given, str) else given

    def __str__(self) -> str:
        parts = ((self.tokens, "tokens"), (self.calls, "calls"), (self.usd, "USD"), (self.seconds, "seconds"))
        return (
            ", ".join(
                f"{number:g} {unit}" if unit == "USD" else f"{number:.0f} {unit}"
                for number, unit in parts
                if number is not None
            )
            or "no limit"
        )

    def refusal(self, spent: Spending, *, needed_tokens: int) -> str:
        """Why one more call of this many tokens may not be made after what was spent; empty where it may."""
        return self._of_work(spent, needed_tokens) or self._of_money(spent.usage)

    def _of_work(self, spent: Spending, needed_tokens: int) -> str:
        if self.calls is not None and spent.usage.llm_calls >= self.calls:
            return f"{self.calls} calls were made, and no more may be"
        if self.tokens is not None and spent.tokens + needed_tokens > self.tokens:
            left = max(self.tokens - spent.tokens, 0)
            return f"the next call needs about {needed_tokens} tokens, and {left} of {self.tokens} are left"
        if self.seconds is not None and spent.seconds >= self.seconds:
            return f"models took {spent.seconds:.0f} seconds, and {self.seconds:g} is the most"
        return ""

    def _of_money(self, spent: Usage) -> str:
        if self.usd is None:
            return ""
        if spent.cost_usd >= self.usd:
            return f"{spent.cost_usd:.4f} USD were spent, and {self.usd:g} is the most"
        if spent.unpriced_calls:
            return "the price of a model that was asked is not known, so a limit in USD can't be kept"
        return ""


def _read(words: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in words.split(","))):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} can't be read; {_FORM}")
        unit = match["unit"].lower()
        name = unit if unit == "usd" else f"{unit.removesuffix('s')}s"
        found[name] = float(match["number"])
    return found
