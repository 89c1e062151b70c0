"""Each question to a model as an OpenTelemetry span, by its conventions for generative AI, where anybody listens."""

import time
from typing import TYPE_CHECKING, Final

from itops.errors import ItOpsError
from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_SCOPE: Final = "itops.llm"


class TracedModel:
    """A model whose calls are told to whoever listens to OpenTelemetry: names and numbers, never a text."""

    def __init__(self, model: LanguageModel, *, task: str, person: str) -> None:
        self.name = model.name
        self._model = model
        self._attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": model.name.partition(":")[0],
            "gen_ai.request.model": model.name.partition(":")[2],
            "gen_ai.conversation.id": task,
            "enduser.id": person,
        }

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says."""
        from opentelemetry import trace

        began = time.monotonic()
        name = f"chat {self._attributes['gen_ai.request.model']}"
        with trace.get_tracer(_SCOPE).start_as_current_span(
            name,
            kind=trace.SpanKind.CLIENT,
            attributes=self._attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                said = await self._model.say(request, hear)
            except ItOpsError as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(trace.StatusCode.ERROR)
                self._measure(began, {"error.type": type(error).__name__})
                raise
            _tell(span, said)
        self._measure(began, {"gen_ai.response.model": said.model})
        return said

    def _measure(self, began: float, added: dict[str, str]) -> None:
        from opentelemetry import metrics

        measured = {name: value for name, value in self._attributes.items() if name.startswith("gen_ai.")}
        del measured["gen_ai.conversation.id"]
        histogram = metrics.get_meter(_SCOPE).create_histogram("gen_ai.client.operation.duration", unit="s")
        histogram.record(time.monotonic() - began, measured | added)


def _tell(span: "Span", said: Said) -> None:
    reason = "length" if said.cut_off else "tool_call" if said.calls else "stop"
    span.set_attributes(
        {
            "gen_ai.response.model": said.model,
            "gen_ai.response.finish_reasons": (reason,),
            "gen_ai.usage.input_tokens": said.usage.input_tokens,
            "gen_ai.usage.output_tokens": said.usage.output_tokens,
            "itops.cached": bool(said.usage.cached_calls),
            "itops.cost_usd": said.usage.cost_usd,
        }
    )
