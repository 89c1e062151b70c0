"""Prompts from data files, and one question to a model whose answer must pass our own check."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from itops.agents.fencing import Section, fenced
from itops.domain.instruction import RankedInstruction
from itops.domain.outcome import Usage
from itops.errors import ItOpsError
from itops.llm.language_model import LanguageModel, Message
from itops.llm.structured import converse

T = TypeVar("T")
R = TypeVar("R", bound="ReplyShape")

Words = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else _as_words(value))]


class ReplyShape(BaseModel):
    """What a model is to reply: small and flat. What it adds is ignored, null is as if it were left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, given: Any) -> Any:  # noqa: ANN401 - whatever JSON a model wrote
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class Unfit(Exception):
    """A reply of the right shape that can't be used. The words are for the model, once.

    ``otherwise`` is what stands if the corrected reply is unfit too: a value, or an error to raise.
    """

    def __init__(self, words: str, *, otherwise: object) -> None:
        super().__init__(words)
        self.otherwise = otherwise


@dataclass(frozen=True)
class Heard(Generic[T]):
    """A checked answer, what it cost, and the model that gave it."""

    value: T
    usage: Usage
    model: str


def prompt(name: str, sections: Iterable[Section], **values: object) -> tuple[Message, Message]:
    """The rules of one prompt, and the sections as fenced data."""
    rules = Template(_text(name)).substitute(fence=_text("fence").strip(), **values)
    return Message(role="system", text=rules.strip()), Message(role="user", text=fenced(sections))


async def ask(
    model: LanguageModel,
    messages: tuple[Message, ...],
    want: type[R],
    read: Callable[[R], T],
    found: Iterable[RankedInstruction] = (),
) -> Heard[T]:
    """What ``read`` makes of the model's reply, with one corrective round where it says ``Unfit``.

    ``found`` are the instructions that the messages speak of.
    """
    refs = [ranked.instruction.ref for ranked in found]
    versions = tuple(f"{ref.id}@{ref.version}" for ref in refs)
    first = await converse(model, messages, want, versions=versions)
    try:
        return Heard(await asyncio.to_thread(read, first.value), first.usage, first.model)
    except Unfit as error:
        echo = Message(role="assistant", text=first.value.model_dump_json())
        correction = Message(role="user", text=f"That can't be used: {error} Reply again.")
    second = await converse(model, (*messages, echo, correction), want, versions=versions)
    usage = first.usage + second.usage
    try:
        return Heard(await asyncio.to_thread(read, second.value), usage, second.model)
    except Unfit as error:
        if isinstance(error.otherwise, ItOpsError):
            raise error.otherwise from error
        return Heard(error.otherwise, usage, second.model)  # type: ignore[arg-type]  # what ``read`` gives in its place


@cache
def _text(name: str) -> str:
    return files("itops.agents").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")


def _as_words(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
