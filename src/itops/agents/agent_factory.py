"""Agents by name: each is an entry point ``create(tools) -> BaseAgent`` in the group ``itops.agents``."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from itops import plugins
from itops.agents.base_agent import BaseAgent, InstructionSearch
from itops.errors import UsageError
from itops.llm.language_model import LanguageModel

GROUP: Final = "itops.agents"


@dataclass(frozen=True)
class AgentTools:
    """What an agent may use to think: a read-only search, and a model where one is set."""

    search: InstructionSearch
    model: LanguageModel | None = None


@dataclass(frozen=True)
class AgentListing:
    """An agent by name; ``about`` is what it is or, where it can't be loaded, why and how to mend it."""

    name: str
    available: bool
    about: str


def create_agent(name: str, tools: AgentTools) -> BaseAgent:
    """The agent of this name.

    Raises:
        UsageError: the name is unknown, or what the agent needs is missing. Nothing ran.
    """
    return _creator(name)(tools)


def list_agents() -> tuple[AgentListing, ...]:
    """Every agent that installed distributions bring, in alphabetical order."""
    return tuple(_listing(name) for name in plugins.names(GROUP))


def _listing(name: str) -> AgentListing:
    try:
        creator = _creator(name)
    except UsageError as error:
        return AgentListing(name, available=False, about=f"{error.what} {error.mend}")
    documentation = sys.modules[creator.__module__].__doc__ or ""
    return AgentListing(name, available=True, about=documentation.strip().partition("\n")[0])


@functools.cache
def _creator(name: str) -> Callable[[AgentTools], BaseAgent]:
    return cast("Callable[[AgentTools], BaseAgent]", plugins.load(GROUP, name))
