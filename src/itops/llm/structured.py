"""One validated value from any model: JSON is found in what it says, checked, and corrected once."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from itops.domain.outcome import Usage
from itops.errors import ProviderError
from itops.llm.json_text import objects_in, without_titles
from itops.llm.language_model import LanguageModel, Message, ModelRequest, Said
from itops.llm.plain_request import REMINDER

V = TypeVar("V", bound=BaseModel)

_ECHO_CHARACTERS: Final = 2000


@dataclass(frozen=True)
class Reply(Generic[V]):
    """A validated value, what it cost (corrective rounds included), and the model that gave it."""

    value: V
    usage: Usage
    model: str


class Misshapen(ValueError):
    """A text holds no JSON object of the wanted shape; the message says why, for the model to read."""


async def converse(
    model: LanguageModel, messages: tuple[Message, ...], want: type[V], *, versions: tuple[str, ...] = ()
) -> Reply[V]:
    """Ask for one value of the wanted shape, with one corrective round.

    Args:
        model: Who is asked.
        messages: What it is asked with.
        want: What its reply has to be.
        versions: The instructions that the messages speak of, with their versions.

    Raises:
        ProviderError: neither the reply nor the corrected one has the shape, or the model can't be had.
    """
    shape = without_titles(want.model_json_schema())
    request = ModelRequest(messages=messages, shape=shape, versions=versions)
    first = await model.say(request)
    try:
        return Reply(read_reply(first.text, want), first.usage, first.model or model.name)
    except Misshapen as error:
        corrected = (*messages, *_correction(first, error))
    second = await model.say(request.model_copy(update={"messages": corrected, "repeatable": False}))
    try:
        return Reply(read_reply(second.text, want), first.usage + second.usage, second.model or model.name)
    except Misshapen as error:
        cut = " It was cut off at its length limit." if second.cut_off else ""
        raise ProviderError(
            f"The model gave nothing of the wanted shape, corrected once: {error}.{cut}",
            mend="Try again, or choose a more capable model in ITOPS_LLM.",
        ) from error


def read_reply(text: str, want: type[V]) -> V:
    """The last JSON object in the text that has the wanted shape; fences and prose around it don't matter.

    Raises:
        Misshapen: there is none.
    """
    problem = "there is no complete JSON object in it"
    for found in reversed(list(objects_in(text))):
        try:
            return want.model_validate(found)
        except ValidationError as error:
            problem = _in_words(error)
    raise Misshapen(problem)


def _correction(said: Said, error: Misshapen) -> tuple[Message, Message]:
    echo = said.text[:_ECHO_CHARACTERS].strip() or "(nothing)"
    cut = " It was cut off; be brief." if said.cut_off else ""
    words = f"That reply can't be used: {error}.{cut}"
    return Message(role="assistant", text=echo), Message(role="user", text=words + REMINDER)


def _in_words(error: ValidationError) -> str:
    problems = (f"{'.'.join(map(str, one['loc'])) or 'the object'}: {one['msg']}" for one in error.errors()[:5])
    return "; ".join(problems)
