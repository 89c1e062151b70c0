"""A model that says what it is told to, for tests without a provider."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from pydantic import BaseModel

from itops.domain.outcome import Usage
from itops.llm.language_model import Message, Reply, V
from itops.llm.structured import Said, converse

Line: TypeAlias = str | BaseModel | Exception
_CHARACTERS_A_TOKEN = 4


class ScriptedModel:
    """Says its lines in order, or what a function of the messages says; its text is parsed as any model's is.

    A line is the text of a reply, a value whose JSON is the text, or an error to raise. ``asked`` holds the messages
    of every call, corrective rounds included.
    """

    def __init__(
        self, lines: Iterable[Line] | Callable[[tuple[Message, ...]], Line], *, name: str = "scripted"
    ) -> None:
        self.name = name
        self.asked: list[tuple[Message, ...]] = []
        self._next = lines if callable(lines) else _in_order(lines)

    async def ask(self, messages: tuple[Message, ...], want: type[V]) -> Reply[V]:
        """One value of the wanted shape, read out of the next line.

        Raises:
            AssertionError: the model was asked more often than it has lines.
        """
        return await converse(self._say, messages, want)

    async def _say(self, messages: tuple[Message, ...]) -> Said:
        self.asked.append(messages)
        line = self._next(messages)
        if isinstance(line, Exception):
            raise line
        text = line if isinstance(line, str) else line.model_dump_json()
        asked = sum(len(message.text) for message in messages) // _CHARACTERS_A_TOKEN
        return Said(text, Usage(llm_calls=1, input_tokens=asked, output_tokens=len(text) // _CHARACTERS_A_TOKEN))


def _in_order(lines: Iterable[Line]) -> Callable[[tuple[Message, ...]], Line]:
    remaining = iter(lines)

    def following(messages: tuple[Message, ...]) -> Line:
        for line in remaining:
            return line
        raise AssertionError(f"The scripted model has no line left for: {messages[-1].text[-200:]}")

    return following
