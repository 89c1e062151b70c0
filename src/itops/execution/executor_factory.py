"""Executors by name: each is an entry point ``create(parts) -> Executor`` in the group ``itops.executors``."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, cast

from itops import plugins
from itops.domain.connection import Connection
from itops.domain.target import Target
from itops.errors import TargetUnreachable
from itops.execution.executor_base import Executor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper

GROUP: Final = "itops.executors"
ConnectionOf: TypeAlias = Callable[[Target], Connection]


def no_connection(target: Target) -> Connection:
    """Where there is no inventory, nothing but this machine is reached."""
    raise TargetUnreachable(f"How {target.name} is reached is not known: no inventory names it.")


@dataclass(frozen=True)
class ExecutorParts:
    """What an executor is made of.

    Args:
        home: Where it may keep what it needs across a crash.
        secrets: Where secrets come from.
        redactor: What hides them.
        connections: How a target is reached; raises TargetUnreachable where that is not known.
    """

    home: Path
    secrets: SecretKeeper
    redactor: Redactor
    connections: ConnectionOf = no_connection


class Executors(Mapping[str, Executor]):
    """Every executor that installed distributions bring, made when it is first needed."""

    def __init__(self, parts: ExecutorParts) -> None:
        self._parts = parts
        self._names = plugins.names(GROUP)
        self._made: dict[str, Executor] = {}

    def __getitem__(self, name: str) -> Executor:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            create = cast("Callable[[ExecutorParts], Executor]", plugins.load(GROUP, name))
            self._made[name] = create(self._parts)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
