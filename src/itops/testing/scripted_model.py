"""A model that says what it is told to, for tests without a provider."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from pydantic import BaseModel

from itops.domain.outcome import Usage
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.llm.plain_request import calls_in, plain_messages
from itops.llm.providers import estimated_tokens

Line: TypeAlias = str | BaseModel | Exception


class ScriptedModel:
    """Says its lines in order, or what a function of the messages says; its text is parsed as any model's is.

    A line is the text of a reply, a value whose JSON is the text, or an error to raise. ``asked`` holds the messages
    of every call as they would leave, corrective rounds included; ``requests`` what they were made of.
    """

    def __init__(
        self, lines: Iterable[Line] | Callable[[tuple[Message, ...]], Line], *, name: str = "scripted"
    ) -> None:
        self.name = name
        self.asked: list[tuple[Message, ...]] = []
        self.requests: list[ModelRequest] = []
        self._next = lines if callable(lines) else _in_order(lines)

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """The next line, to a request whose messages are kept as a provider would get them.

        Raises:
            AssertionError: the model was asked more often than it has lines.
        """
        messages = plain_messages(request)
        self.requests.append(request)
        self.asked.append(messages)
        line = self._next(messages)
        if isinstance(line, Exception):
            raise line
        text = line if isinstance(line, str) else line.model_dump_json()
        if hear is not None:
            hear(text)
        usage = Usage(llm_calls=1, input_tokens=estimated_tokens(messages), output_tokens=len(text) // 4)
        return Said(text=text, usage=usage, calls=calls_in(text, request), model=self.name)


def _in_order(lines: Iterable[Line]) -> Callable[[tuple[Message, ...]], Line]:
    remaining = iter(lines)

    def following(messages: tuple[Message, ...]) -> Line:
        for line in remaining:
            return line
        raise AssertionError(f"The scripted model has no line left for: {messages[-1].text[-200:]}")

    return following
