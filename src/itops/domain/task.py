"""A task: who asks, in which words, and how far itops may go unasked."""

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from itops.domain.identity import Person
from itops.domain.noun import Noun

Auto: TypeAlias = Literal["none", "read", "change"]


class TaskState(StrEnum):
    """Where a task stands. ``waiting`` and ``unknown`` wait for a person; ``running`` works; the others are ends."""

    RUNNING = "running"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    NO_INSTRUCTION = "no_instruction"
    PLANNED = "planned"
    ANSWERED = "answered"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself or by a person."""
        return self not in (TaskState.RUNNING, TaskState.WAITING, TaskState.UNKNOWN)


class Turn(Noun):
    """An earlier exchange in the same conversation."""

    words: str
    answer: str = ""


class Task(Noun):
    """One request, frozen when submitted.

    ``agent`` is empty for the default; ``targets`` are names as the person gave them, empty for this machine.
    """

    id: str
    words: str
    requester: Person
    submitted_at: datetime
    targets: tuple[str, ...] = ()
    agent: str = ""
    auto: Auto = "read"
    dry_run: bool = False
    conversation: str = ""
    history: tuple[Turn, ...] = ()
