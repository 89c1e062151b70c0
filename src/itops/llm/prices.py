"""What calls of models cost: the published prices that come with itops, and those of a file of yours."""

from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from itops.domain.noun import Noun
from itops.domain.outcome import Usage
from itops.errors import SettingsError
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said

_MILLION: Final = 1_000_000


class Price(Noun):
    """US dollars for a million tokens."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]


_FILE: Final = TypeAdapter(dict[str, Price])


def read_prices(path: Path | None) -> dict[str, Price]:
    """The prices of a YAML file: ``provider:model`` (or ``provider:*``) to ``input`` and ``output``.

    Raises:
        SettingsError: the file can't be read, or says something else.
    """
    if path is None:
        return {}
    try:
        return _FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, yaml.YAMLError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        words = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else " ".join(str(error).split())
        raise SettingsError(
            f"The prices of models in {path} can't be read: {words}.",
            mend="Write it like `openai:gpt-5-mini: {input: 0.25, output: 2.0}`, in US dollars for a million tokens.",
        ) from error


def cost_usd(model: str, usage: Usage, own: dict[str, Price]) -> float | None:
    """What this usage of ``provider:model`` costs; ``None`` where no price is known. Your own prices go first."""
    provider, _, name = model.partition(":")
    price = own.get(model) or own.get(f"{provider}:*")
    if price is not None:
        return (usage.input_tokens * price.input + usage.output_tokens * price.output) / _MILLION
    return _published(provider, name, usage)


def _published(provider: str, model: str, usage: Usage) -> float | None:
    import genai_prices

    spent = genai_prices.Usage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    try:
        return float(genai_prices.calc_price(spent, model, provider_id=provider).total_price)
    except LookupError:
        return None


class PricedModel:
    """A model whose usage says what it cost."""

    def __init__(self, model: LanguageModel, own: dict[str, Price]) -> None:
        self.name = model.name
        self._model = model
        self._own = own

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says."""
        said = await self._model.say(request, hear)
        cost = cost_usd(self.name, said.usage, self._own)
        added = {"unpriced_calls": said.usage.llm_calls} if cost is None else {"cost_usd": round(cost, 9)}
        return said.model_copy(update={"usage": said.usage.model_copy(update=added)})
