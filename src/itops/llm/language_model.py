"""The port to a model: messages, tools and a wanted shape in, what it said and its usage out."""

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias

from pydantic import Field

from itops.domain.noun import Noun
from itops.domain.outcome import Usage

Hear: TypeAlias = Callable[[str], None]
"""Takes each piece of a text as it comes; the pieces together are the text that is returned at the end."""


class Tool(Noun):
    """Something that only reads, and that a model may ask for; ``parameters`` is the JSON schema of its arguments."""

    name: str
    about: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class ToolCall(Noun):
    """A model's wish to have a tool used. Whoever asked the model uses it, or not."""

    id: str
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Message(Noun):
    """One message. An assistant's may hold ``calls``; a tool's says in ``call`` which one its text answers."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    call: str = ""


class ModelRequest(Noun):
    """All that a model is asked with.

    ``shape`` is the JSON schema of the object that is wanted; without one, any text will do. ``versions`` names the
    instructions that the messages speak of, with their versions. ``most_output`` is the most tokens that may come back.
    ``repeatable`` is false where an earlier reply to the very same request won't do.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    shape: dict[str, Any] | None = None
    versions: tuple[str, ...] = ()
    most_output: int | None = None
    repeatable: bool = True


class Said(Noun):
    """What a model said to one request: a text, or calls of tools. ``cut_off`` where it hit its length limit."""

    text: str
    usage: Usage
    calls: tuple[ToolCall, ...] = ()
    cut_off: bool = False
    model: str = ""


class LanguageModel(Protocol):
    """A model, or a layer around one. What it says is data, never trusted; a shape is asked for, never guaranteed.

    Raises:
        ProviderError: it can't be reached, fails or refuses.
        BudgetExceeded: the call would go over a budget.
    """

    name: str

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        """What the model says; with ``hear``, told piece by piece as well, as far as its provider can."""
        ...
