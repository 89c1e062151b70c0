"""Models by name: ``provider:model``, through pydantic-ai as the provider layer."""

import asyncio
import functools
import inspect
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from itops.domain.outcome import Usage
from itops.errors import ProviderError, SettingsError
from itops.llm.language_model import LanguageModel, Message, Reply, V
from itops.llm.provider_errors import seconds_before_retry, set_up, translated
from itops.llm.structured import Said, converse

if TYPE_CHECKING:
    import httpx
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model

CONNECT_SECONDS: Final = 3.0
_ATTEMPTS: Final = 3
_CHARACTERS_A_TOKEN: Final = 4
# Chat completions is what every OpenAI-compatible server speaks; the provider layer's own default is another API.
_ALIASES: Final = {"openai": "openai-chat"}


def create_model(
    spec: str, *, time_limit_seconds: float = 60.0, redact: Callable[[str], str] | None = None
) -> LanguageModel:
    """The model that ``provider:model`` names. Nothing is loaded or reached before it is first asked.

    Args:
        spec: For example ``openai:gpt-5-mini``; the provider's own variables (key, base URL) are honoured.
        time_limit_seconds: The most that one call may take, its retries included.
        redact: Applied to every text before it leaves.

    Raises:
        SettingsError: the name has not this form.
    """
    provider, colon, model = spec.strip().partition(":")
    if not (provider and colon and model):
        raise SettingsError(
            f"The model {spec!r} is not of the form provider:model.",
            mend="Set ITOPS_LLM to, for example, openai:gpt-5-mini, or unset it to work without a model.",
        )
    return ProviderModel(provider, model, time_limit_seconds=time_limit_seconds, redact=redact)


class ProviderModel:
    """A model behind a provider's API. Its client lives for one call, so any event loop may ask."""

    def __init__(
        self, provider: str, model: str, *, time_limit_seconds: float, redact: Callable[[str], str] | None
    ) -> None:
        self.name = f"{provider}:{model}"
        self._path = f"{_ALIASES.get(provider, provider)}:{model}"
        self._time_limit = time_limit_seconds
        self._redact = redact or str

    async def ask(self, messages: tuple[Message, ...], want: type[V]) -> Reply[V]:
        """One value of the wanted shape, with retries of transient failures and one corrective round."""
        return await converse(self._say, messages, want)

    async def _say(self, messages: tuple[Message, ...]) -> Said:
        safe = tuple(message.model_copy(update={"text": self._redact(message.text)}) for message in messages)
        await asyncio.to_thread(_load)
        with set_up(self.name):
            client = _client(self._time_limit)
            model = await asyncio.to_thread(_connect, self._path, client)
        try:
            async with asyncio.timeout(self._time_limit):
                async with client:
                    response = await self._request(model, safe)
        except TimeoutError as error:
            raise ProviderError(
                f"The model {self.name} gave no answer within {self._time_limit:g} seconds.",
                mend="Try again, raise llm_time_limit_seconds, or choose a faster model.",
                transient=True,
            ) from error
        return self._said(safe, response)

    async def _request(self, model: "Model[Any]", messages: tuple[Message, ...]) -> "ModelResponse":
        import stamina
        from pydantic_ai.direct import model_request

        deadline = time.monotonic() + self._time_limit
        retry = stamina.retry_context(
            on=functools.partial(seconds_before_retry, deadline=deadline),
            attempts=_ATTEMPTS,
            timeout=self._time_limit,
            wait_initial=0.2,
            wait_jitter=0.2,
        )
        with translated(self.name, self._redact):
            async for attempt in retry:
                with attempt:
                    return await model_request(model, _as_provider_messages(messages))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _said(self, messages: tuple[Message, ...], response: "ModelResponse") -> Said:
        text = response.text or ""
        if response.finish_reason == "content_filter":
            raise ProviderError(
                f"The model {self.name} refuses to answer this.",
                mend="Say the task in other words, choose another model, or unset ITOPS_LLM.",
            )
        asked = sum(len(message.text) for message in messages)
        usage = Usage(
            llm_calls=1,
            input_tokens=response.usage.input_tokens or asked // _CHARACTERS_A_TOKEN,
            output_tokens=response.usage.output_tokens or len(text) // _CHARACTERS_A_TOKEN,
        )
        return Said(text, usage, cut_off=response.finish_reason == "length")


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


def _as_provider_messages(messages: tuple[Message, ...]) -> "list[ModelMessage]":
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    return [
        ModelResponse(parts=[TextPart(message.text)])
        if message.role == "assistant"
        else ModelRequest(parts=[(SystemPromptPart if message.role == "system" else UserPromptPart)(message.text)])
        for message in messages
    ]
