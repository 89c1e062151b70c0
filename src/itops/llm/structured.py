"""Structured replies from any model that writes text: the shape is asked for in words and checked here."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ValidationError

from itops.domain.outcome import Usage
from itops.errors import ProviderError
from itops.llm.language_model import Message, Reply, V

_OBJECTS_TRIED: Final = 200
_ECHO_CHARACTERS: Final = 2000
_REMINDER: Final = "\n\nReply with one JSON object of the shape above and nothing else."


@dataclass(frozen=True)
class Said:
    """What a model said in one call. ``cut_off`` is true where it hit its length limit."""

    text: str
    usage: Usage
    cut_off: bool = False


Say: TypeAlias = Callable[[tuple[Message, ...]], Awaitable[Said]]


class Misshapen(ValueError):
    """A text holds no JSON object of the wanted shape; the message says why, for the model to read."""


async def converse(say: Say, messages: tuple[Message, ...], want: type[V]) -> Reply[V]:
    """Ask for one value of the wanted shape, with one corrective round.

    Raises:
        ProviderError: neither the reply nor the corrected one has the shape.
    """
    asked = with_shape(messages, want)
    first = await say(asked)
    try:
        return Reply(read_reply(first.text, want), first.usage)
    except Misshapen as error:
        second = await say((*asked, *_correction(first, error)))
    usage = first.usage + second.usage
    try:
        return Reply(read_reply(second.text, want), usage)
    except Misshapen as error:
        cut = " It was cut off at its length limit." if second.cut_off else ""
        raise ProviderError(
            f"The model gave nothing of the wanted shape, corrected once: {error}.{cut}",
            mend="Try again, or choose a more capable model in ITOPS_LLM.",
        ) from error


def with_shape(messages: tuple[Message, ...], want: type[BaseModel]) -> tuple[Message, ...]:
    """The messages with the wanted shape in the first one, which stays the same from call to call."""
    schema = json.dumps(_without_titles(want.model_json_schema()), ensure_ascii=False)
    shaped = f"{messages[0].text}\n\nReply with one JSON object that fits this JSON schema:\n{schema}"
    first = messages[0].model_copy(update={"text": shaped})
    last = (first, *messages[1:])[-1]
    return (*(first, *messages[1:])[:-1], last.model_copy(update={"text": last.text + _REMINDER}))


def read_reply(text: str, want: type[V]) -> V:
    """The last JSON object in the text that has the wanted shape; fences and prose around it don't matter.

    Raises:
        Misshapen: there is none.
    """
    problem = "there is no complete JSON object in it"
    for found in reversed(list(_objects(text))):
        try:
            return want.model_validate(found)
        except ValidationError as error:
            problem = _in_words(error)
    raise Misshapen(problem)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    for _ in range(_OBJECTS_TRIED):
        if start < 0:
            return
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield found
        start = text.find("{", end)


def _correction(said: Said, error: Misshapen) -> tuple[Message, Message]:
    echo = said.text[:_ECHO_CHARACTERS].strip() or "(nothing)"
    cut = " It was cut off; be brief." if said.cut_off else ""
    words = f"That reply can't be used: {error}.{cut}"
    return Message(role="assistant", text=echo), Message(role="user", text=words + _REMINDER)


def _in_words(error: ValidationError) -> str:
    problems = (f"{'.'.join(map(str, one['loc'])) or 'the object'}: {one['msg']}" for one in error.errors()[:5])
    return "; ".join(problems)


def _without_titles(schema: Any) -> Any:  # noqa: ANN401 - JSON of any depth
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
        return {key: _without_titles(value) for key, value in kept.items()}
    return [_without_titles(item) for item in schema] if isinstance(schema, list) else schema
