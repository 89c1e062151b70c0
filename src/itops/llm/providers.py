"""Models by name: ``provider:model``, through pydantic-ai as the provider layer."""

import asyncio
import functools
import inspect
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from itops.domain.outcome import Usage
from itops.errors import ProviderError, SettingsError
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.llm.plain_request import calls_in, plain_messages
from itops.llm.provider_errors import connection_error, set_up, translated
from itops.llm.reach import address_in_environment, look, while_alive

if TYPE_CHECKING:
    import httpx
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

Dialect: TypeAlias = Literal["words", "json_schema", "json_object"]
"""How a shape is asked for: in words alone, or in words and in one of the two fields that servers know."""

CONNECT_SECONDS: Final = 2.5
_PATIENCE_SECONDS: Final = 0.2
CHARACTERS_A_TOKEN: Final = 4
# Chat completions is what every OpenAI-compatible server speaks; the provider layer's own default is another API.
_ALIASES: Final = {"openai": "openai-chat"}


def create_model(
    spec: str,
    *,
    time_limit_seconds: float = 60.0,
    dialect: Dialect = "words",
    redact: Callable[[str], str] = str,
) -> "ProviderModel":
    """The model that ``provider:model`` names. Nothing is loaded or reached before it is first asked.

    Args:
        spec: For example ``openai:gpt-5-mini``; the provider's own variables (key, base URL) are honoured.
        time_limit_seconds: The most that one call may take.
        dialect: How the provider is told a shape, beside the words that always tell it.
        redact: Applied to what the provider says of an error before that is shown.

    Raises:
        SettingsError: the name has not this form.
    """
    provider, colon, model = spec.strip().partition(":")
    if not (provider and colon and model):
        raise SettingsError(
            f"The model {spec!r} is not of the form provider:model.",
            mend="Set ITOPS_LLM to, for example, openai:gpt-5-mini, or unset it to work without a model.",
        )
    return ProviderModel(provider, model, time_limit_seconds=time_limit_seconds, dialect=dialect, redact=redact)


class ProviderModel:
    """A model behind a provider's API. Its client lives for one call, so any event loop may ask."""

    def __init__(
        self, provider: str, model: str, *, time_limit_seconds: float, dialect: Dialect, redact: Callable[[str], str]
    ) -> None:
        self.name = f"{provider}:{model}"
        self._path = f"{_ALIASES.get(provider, provider)}:{model}"
        self._time_limit = time_limit_seconds
        self._dialect: Dialect = dialect
        self._redact = redact
        self._is_alive = False

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says, in one call; with ``hear``, the provider is asked to stream."""
        model, client = await self._connected()
        messages = plain_messages(request)
        try:
            async with asyncio.timeout(self._time_limit), client:
                with translated(self.name, self._redact):
                    asking = _ask(model, messages, self._options(request), hear)
                    response = await self._while_alive(asking, model)
        except TimeoutError as error:
            raise ProviderError(
                f"The model {self.name} gave no answer within {self._time_limit:g} seconds.",
                mend="Try again, raise llm_time_limit_seconds, or choose a faster model.",
                transient=True,
            ) from error
        return self._said(messages, response, request)

    async def check(self) -> None:
        """Whether the model is set up and its provider can be reached; nothing is asked of the model.

        Raises:
            ProviderError: what is missing, or that nothing answers.
        """
        model, client = await self._connected()
        url = _base_url(model)
        async with client:
            with translated(self.name, self._redact):
                if url and not self._is_alive:
                    await look(url, _trust())

    async def _connected(self) -> "tuple[Model[Any], httpx.AsyncClient]":
        await self._find_address()
        await asyncio.to_thread(_load)
        with set_up(self.name):
            client = _client(self._time_limit)
            return await asyncio.to_thread(_connect, self._path, client), client

    async def _find_address(self) -> None:
        """Before the first call, look whether anything is at an address that somebody set.

        It takes no longer than loading what is needed for the call, so both go on at once.
        """
        import httpx

        url = address_in_environment(self.name.partition(":")[0])
        if self._is_alive or not url:
            return
        looking = asyncio.create_task(look(url, await asyncio.to_thread(_trust)))
        await asyncio.wait({looking}, timeout=_PATIENCE_SECONDS)
        if not looking.done():
            await asyncio.to_thread(_load)
        try:
            await looking
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise connection_error(self.name, error, self._redact) from error
        self._is_alive = True

    async def _while_alive(self, asking: "Any", model: "Model[Any]") -> "ModelResponse":  # noqa: ANN401 - a coroutine
        url = _base_url(model)
        response: ModelResponse = await (asking if self._is_alive or not url else while_alive(asking, url, _trust()))
        self._is_alive = True
        return response

    def _options(self, request: ModelRequest) -> "tuple[ModelSettings, ModelRequestParameters]":
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.output import OutputObjectDefinition
        from pydantic_ai.settings import ModelSettings

        settings = ModelSettings()
        if request.most_output is not None:
            settings["max_tokens"] = request.most_output
        if request.shape is None or request.tools or self._dialect == "words":
            return settings, ModelRequestParameters()
        if self._dialect == "json_object":
            settings["extra_body"] = {"response_format": {"type": "json_object", "schema": request.shape}}
            return settings, ModelRequestParameters()
        wanted = OutputObjectDefinition(json_schema=request.shape, name="reply")
        return settings, ModelRequestParameters(output_mode="native", output_object=wanted)

    def _said(self, messages: tuple[Message, ...], response: "ModelResponse", request: ModelRequest) -> Said:
        text = response.text or ""
        if response.finish_reason == "content_filter":
            raise ProviderError(
                f"The model {self.name} refuses to answer this.",
                mend="Say the task in other words, choose another model, or unset ITOPS_LLM.",
            )
        usage = Usage(
            llm_calls=1,
            input_tokens=response.usage.input_tokens or estimated_tokens(messages),
            output_tokens=response.usage.output_tokens or len(text) // CHARACTERS_A_TOKEN,
        )
        cut_off = response.finish_reason == "length"
        return Said(text=text, usage=usage, calls=calls_in(text, request), cut_off=cut_off, model=self.name)


def estimated_tokens(messages: tuple[Message, ...]) -> int:
    """About how many tokens these messages weigh."""
    return sum(len(message.text) for message in messages) // CHARACTERS_A_TOKEN + 1


async def _ask(
    model: "Model[Any]",
    messages: tuple[Message, ...],
    options: "tuple[ModelSettings, ModelRequestParameters]",
    hear: Hear | None,
) -> "ModelResponse":
    from pydantic_ai.direct import model_request, model_request_stream
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    asked, (settings, parameters) = _as_provider_messages(messages), options
    if hear is None:
        return await model_request(
            model, asked, model_settings=settings, model_request_parameters=parameters, instrument=False
        )
    async with model_request_stream(
        model, asked, model_settings=settings, model_request_parameters=parameters, instrument=False
    ) as stream:
        async for event in stream:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart) and event.part.content:
                hear(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                hear(event.delta.content_delta)
        return stream.get()


def _load() -> None:
    """Import what is heavy, off the event loop."""
    import pydantic_ai.direct  # noqa: F401 - for its side effect: the second import is free

    _trust()


@functools.cache
def _trust() -> ssl.SSLContext:
    """The certificates to trust; reading them is the slow part of making a client."""
    import httpx

    return httpx.create_ssl_context()


def _client(time_limit: float) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(timeout=httpx.Timeout(time_limit, connect=CONNECT_SECONDS), verify=_trust())


def _connect(path: str, client: "httpx.AsyncClient") -> "Model[Any]":
    """The provider layer's model over our client, without retries of its own."""
    from pydantic_ai.models import infer_model
    from pydantic_ai.providers import infer_provider_class

    def provider(name: str) -> Any:  # noqa: ANN401 - each provider class has a constructor of its own
        kind = infer_provider_class(name)
        takes_client = "http_client" in inspect.signature(kind).parameters
        return kind(http_client=client) if takes_client else kind()  # type: ignore[call-arg]

    model = infer_model(path, provider_factory=provider)
    sdk: Any = getattr(model, "client", None)
    if hasattr(sdk, "max_retries"):
        sdk.max_retries = 0
    return model


def _base_url(model: "Model[Any]") -> str:
    url = str(model.base_url or "")
    return url if url.startswith("http") else ""


def _as_provider_messages(messages: tuple[Message, ...]) -> "list[ModelMessage]":
    from pydantic_ai.messages import ModelRequest as Asked
    from pydantic_ai.messages import ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    return [
        ModelResponse(parts=[TextPart(message.text)])
        if message.role == "assistant"
        else Asked(parts=[(SystemPromptPart if message.role == "system" else UserPromptPart)(message.text)])
        for message in messages
    ]
