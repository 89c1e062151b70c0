"""What calls cost: by the published prices, or by your own."""

from pathlib import Path

import pytest

from itops.domain.outcome import Usage
from itops.errors import SettingsError
from itops.llm.language_model import Message, ModelRequest
from itops.llm.prices import Price, PricedModel, cost_usd, read_prices
from itops.testing.scripted_model import ScriptedModel

MILLION = Usage(llm_calls=1, input_tokens=1_000_000, output_tokens=1_000_000)
ASKED = ModelRequest(messages=(Message(role="user", text="x" * 400),))


def test_published_prices_are_known() -> None:
    small, large = (cost_usd(f"openai:{name}", MILLION, {}) for name in ("gpt-4o-mini", "gpt-4o"))
    assert small
    assert large
    assert 0 < small < large


@pytest.mark.parametrize("model", ["openai:my-own-model", "nobody:gpt-4o", "odd"])
def test_where_no_price_is_known_none_is_made_up(model: str) -> None:
    assert cost_usd(model, MILLION, {}) is None


def test_your_own_prices_go_first() -> None:
    own = {"openai:gpt-4o": Price(input=1, output=2), "ollama:*": Price(input=0, output=0)}
    assert cost_usd("openai:gpt-4o", MILLION, own) == 3
    assert cost_usd("ollama:qwen3:4b", MILLION, own) == 0


async def test_usage_says_the_cost_or_that_it_is_unknown() -> None:
    own = {"a:m": Price(input=1000, output=0)}
    priced = await PricedModel(ScriptedModel(["good"], name="a:m"), own).say(ASKED)
    assert priced.usage.cost_usd == priced.usage.input_tokens / 1000
    assert priced.usage.unpriced_calls == 0
    unknown = await PricedModel(ScriptedModel(["good"], name="b:m"), own).say(ASKED)
    assert (unknown.usage.cost_usd, unknown.usage.unpriced_calls) == (0, 1)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text("openai:m: {input: 0.25, output: 2.0}\nollama:*: {input: 0, output: 0}\n")
    assert read_prices(path) == {"openai:m": Price(input=0.25, output=2), "ollama:*": Price(input=0, output=0)}
    assert read_prices(None) == {}
    path.write_text("")
    assert read_prices(path) == {}


@pytest.mark.parametrize("text", ["- a", "a: 1", "a: {input: 1}", "a: {input: -1, output: 1}", "a: [", "\x00"])
def test_another_file_is_refused_with_the_form(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="can't be read") as caught:
        read_prices(path)
    assert "openai:gpt-5-mini: {input: 0.25, output: 2.0}" in caught.value.mend


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml"):
        read_prices(tmp_path / "none.yaml")
