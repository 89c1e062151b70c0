"""Nothing that looks like a secret leaves for a model."""

import json
from collections.abc import Callable

from itops.llm.language_model import Hear, LanguageModel, Message, ModelRequest, Said, ToolCall


class RedactedModel:
    """A model that is shown typed placeholders, such as ``[REDACTED:password]``, in place of secrets."""

    def __init__(self, model: LanguageModel, redact: Callable[[str], str]) -> None:
        self.name = model.name
        self._model = model
        self._redact = redact

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says to the request without its secrets."""
        safe = tuple(self._message(message) for message in request.messages)
        return await self._model.say(request.model_copy(update={"messages": safe}), hear)

    def _message(self, message: Message) -> Message:
        calls = tuple(self._call(call) for call in message.calls)
        return message.model_copy(update={"text": self._redact(message.text), "calls": calls})

    def _call(self, call: ToolCall) -> ToolCall:
        return call.model_copy(update={"arguments": {name: self._value(one) for name, one in call.arguments.items()}})

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self._redact(value)
        written = json.dumps(value)
        safe = self._redact(written)
        return value if safe == written else safe
