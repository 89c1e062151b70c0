"""A script bound to where and how it would run, and the facts read out of it."""

import hashlib
import json

from pydantic import Field

from itops.domain.effect import Effect, heaviest
from itops.domain.instruction import BlockKind, InstructionRef, Language, SecretSpec
from itops.domain.noun import Noun
from itops.domain.target import Target


class Limits(Noun):
    """How long a script may take and how much of each output stream is kept."""

    time_limit_seconds: float = 300.0
    idle_limit_seconds: float = 120.0
    output_limit_bytes: int = 1024 * 1024


class Script(Noun):
    """Exactly what would run and where. Any change makes another digest, which needs a permission of its own.

    ``instruction`` is what it is an exact instance of (checked); ``based_on`` what its author says it was written from.
    """

    language: Language
    text: str
    targets: tuple[Target, ...] = Field(min_length=1)
    secrets: tuple[SecretSpec, ...] = ()
    limits: Limits = Limits()
    purpose: str = ""
    instruction: InstructionRef | None = None
    based_on: InstructionRef | None = None
    block: BlockKind = "run"
    parameters: dict[str, str] = Field(default_factory=dict)
    look: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 over language, text, resolved targets, secrets and limits."""
        fields = {"language", "text", "targets", "secrets", "limits"}
        bound = self.model_dump(mode="json", include=fields)
        return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()


class Command(Noun):
    """One simple command of a script, unwrapped.

    ``argv`` holds literal words; a word whose value is only known at run time stands as its source text and makes
    ``dynamic`` true. ``wrappers`` are the programs it was found under (sudo, xargs, …); ``writes`` are files it
    redirects into, ``reads`` what it redirects from; ``fed_by`` are the programs whose output is its input or stands in
    its words; ``why`` says where the effect comes from; ``hosts`` are other computers that it reaches.
    """

    program: str
    argv: tuple[str, ...]
    effect: Effect
    dynamic: bool = False
    wrappers: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    fed_by: tuple[str, ...] = ()
    why: str = ""
    hosts: tuple[str, ...] = ()


class Facts(Noun):
    """What a script would touch.

    ``problems`` are reasons why the reading is not to be relied on; ``impossible`` why it can't run at all.
    """

    commands: tuple[Command, ...] = ()
    problems: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()

    @property
    def effect(self) -> Effect:
        """The heaviest effect of the commands; unknown where the reading failed."""
        floor = [Effect.UNKNOWN] if self.problems else []
        return heaviest([*floor, *(command.effect for command in self.commands)])
