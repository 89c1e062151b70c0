"""The layers keep their order: what each of them sees shows it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.domain.budget import Budget
from itops.domain.identity import Person
from itops.domain.task import Task
from itops.errors import BudgetExceeded, ProviderError, SettingsError
from itops.llm.language_model import Message, ModelRequest
from itops.llm.layers import Layers, day_account, layers_of
from itops.settings import Settings
from itops.testing.memory_ledger import MemoryLedger
from itops.testing.openai_server import ModelReply, OpenAiServer, failure

NOW = datetime(2026, 1, 2, 23, 0, tzinfo=UTC)
ASKED = ModelRequest(messages=(Message(role="user", text="the word is hunter2"),))


def task(number: int = 1) -> Task:
    return Task(id=f"t{number}", words="x", requester=Person(id="ann", name="Ann"), submitted_at=NOW)


def question(text: str) -> ModelRequest:
    return ModelRequest(messages=(Message(role="user", text=text),))


def redact(text: str) -> str:
    return text.replace("hunter2", "[REDACTED:password]")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    return tmp_path


def by_model(request: dict) -> ModelReply:
    return failure(404, "no such model") if request["model"] == "gone" else ModelReply(f"I am {request['model']}.")


async def test_one_call_goes_through_all_of_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, prices = MemoryLedger(), home / "prices.yaml"
    prices.write_text("openai:*: {input: 1000000, output: 0}")
    with OpenAiServer(by_model) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        layers = Layers(model="openai:m", ledger=ledger, redact=redact, cache=home / "replies.db", prices=prices)
        first = await layers.for_task(task(1), now=NOW).say(ASKED)
        again = await layers.for_task(task(2), now=NOW).say(ASKED)
    assert "hunter2" not in str(server.requests)
    assert first.usage.cost_usd == first.usage.input_tokens
    assert (again.text, again.usage.cached_calls, again.usage.llm_calls) == (first.text, 1, 0)
    assert len(server.requests) == 1
    assert (await ledger.spent("task t1")).usage == first.usage
    assert (await ledger.spent("task t2")).usage.llm_calls == 0
    assert (await ledger.spent("ann on 2026-01-02")).usage == first.usage


async def test_a_hit_is_there_when_the_provider_is_not_and_the_budget_is_spent(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = Layers(
        model="openai:m", ledger=MemoryLedger(), redact=redact, cache=home / "c", day_budget=Budget(calls=1)
    )
    with OpenAiServer(by_model) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        await layers.for_task(task(), now=NOW).say(ASKED)
    assert (await layers.for_task(task(), now=NOW).say(ASKED)).usage.cached_calls == 1
    with pytest.raises(BudgetExceeded, match="budget of ann on 2026-01-02"):
        await layers.for_task(task(), now=NOW).say(question("another"))


async def test_the_fall_back_answers_and_its_words_are_not_kept_for_the_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAiServer(by_model) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        layers = Layers(
            model="openai:gone", fallback="openai:m", ledger=MemoryLedger(), redact=redact, cache=home / "c"
        )
        for _ in range(2):
            said = await layers.for_task(task(), now=NOW).say(ASKED)
            assert (said.model, said.usage.cached_calls) == ("openai:m", 0)


async def test_the_breaker_remembers_from_task_to_task(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    ledger = MemoryLedger()
    layers = Layers(model="openai:m", ledger=ledger, redact=redact)
    for number in range(4):
        with pytest.raises(ProviderError) as caught:
            await layers.for_task(task(number), now=NOW).say(ASKED)
    assert "3 times in a row" in caught.value.what
    assert (await ledger.spent("ann on 2026-01-02")).usage.llm_calls == 0


def test_settings_choose_them(home: Path) -> None:
    def of(**settings: object) -> Layers:
        return layers_of(Settings(home=home, **settings), home=home, ledger=MemoryLedger(), redact=str)

    plain, other = (
        of(llm="openai:m"),
        of(llm="openai:m", llm_cache=False, llm_fallback="openai:n", task_budget="3 calls"),
    )
    assert (plain.cache, plain.fallback, plain.prices) == (home / "replies.db", "", None)
    assert (other.cache, other.fallback, other.task_budget) == (None, "openai:n", Budget(calls=3))
    (home / "prices.yaml").write_text("openai:m: {input: 1, output: 1}")
    found = of(llm="openai:m")
    assert found.prices == home / "prices.yaml"
    assert found.has_price("openai:m")
    assert not found.has_price("openai:n")


async def test_a_file_of_prices_that_is_off_is_told(home: Path) -> None:
    (home / "prices.yaml").write_text("- what?")
    layers = Layers(model="openai:m", ledger=MemoryLedger(), redact=str, prices=home / "prices.yaml")
    with pytest.raises(SettingsError, match="prices"):
        layers.for_task(task(), now=NOW)


def test_a_day_is_one_of_utc() -> None:
    assert day_account("ann", NOW) == "ann on 2026-01-02"
