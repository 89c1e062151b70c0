"""Calls are told to OpenTelemetry by its conventions, without a text."""

from collections.abc import Iterator

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from itops.errors import ProviderError
from itops.llm.language_model import Message, ModelRequest
from itops.llm.traced import TracedModel
from itops.testing.scripted_model import ScriptedModel

ASKED = ModelRequest(messages=(Message(role="user", text="the question"),))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemoryMetricReader]:
    reader = InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    monkeypatch.setattr(metrics, "get_meter", provider.get_meter)
    yield reader
    provider.shutdown()


def traced(*lines: str | Exception) -> TracedModel:
    return TracedModel(ScriptedModel(lines, name="openai:m"), task="t1", person="ann")


async def test_a_call_is_a_span_with_names_and_numbers(spans: InMemorySpanExporter) -> None:
    said = await traced("the reply").say(ASKED)
    (span,) = spans.get_finished_spans()
    assert span.name == "chat m"
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.conversation.id": "t1",
        "enduser.id": "ann",
        "gen_ai.response.model": "openai:m",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": said.usage.input_tokens,
        "gen_ai.usage.output_tokens": said.usage.output_tokens,
        "itops.cached": False,
        "itops.cost_usd": 0.0,
    }
    assert "the question" not in span.to_json()
    assert "the reply" not in span.to_json()


async def test_an_error_is_named_without_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ProviderError):
        await traced(ProviderError("it said the question")).say(ASKED)
    (span,) = spans.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "ProviderError"
    assert not span.status.is_ok
    assert "the question" not in span.to_json()


async def test_how_long_it_took_is_measured(measured: InMemoryMetricReader) -> None:
    await traced("good").say(ASKED)
    data = measured.get_metrics_data()
    assert data
    metric = data.resource_metrics[0].scope_metrics[0].metrics[0]
    assert metric.name == "gen_ai.client.operation.duration"
    assert metric.data.data_points[0].count == 1
    assert "gen_ai.conversation.id" not in metric.data.data_points[0].attributes


async def test_where_nobody_listens_nothing_happens() -> None:
    assert (await traced("good").say(ASKED)).text == "good"
