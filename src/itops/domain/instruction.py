"""An instruction: one procedure that an organisation has written down."""

import hashlib
import json
from enum import StrEnum
from typing import Literal, TypeAlias

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.target import Platform

BlockKind: TypeAlias = Literal["run", "verify", "rollback"]
Language: TypeAlias = Literal["bash", "powershell", "aws"]
Delivery: TypeAlias = Literal["stdin"]
Opinion: TypeAlias = Literal["helped", "wrong", "outdated"]
ApprovalNeed: TypeAlias = Literal["policy", "always"]


class InstructionState(StrEnum):
    """Only a published instruction may be run unasked."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DEPRECATED = "deprecated"


class Parameter(Noun):
    """A value that a request must bring.

    ``type`` says what to look for in words (path, user, group, host, service, package, size, duration, port, count,
    url, text, …); ``pattern`` is a full-match regular expression the value must pass (the type has one of its own when
    none is given); ``phrases`` are ways to say it, with ``{}`` where the value stands ("under {}").
    """

    name: str
    description: str = ""
    type: str = "text"
    pattern: str = ""
    example: str = ""
    default: str | None = None
    phrases: tuple[str, ...] = ()


class SecretSpec(Noun):
    """A secret the run block needs. Its value never stands in a template.

    ``generate`` makes a new random value, shown once to the requester; else ``source`` is a reference such as
    ``secret://env/NAME``. ``deliver`` is how the command gets it.
    """

    name: str
    generate: bool = False
    source: str = ""
    deliver: Delivery = "stdin"


class Block(Noun):
    """A template in one language; ``{{ name }}`` stands for a parameter's quoted value."""

    kind: BlockKind
    language: Language
    text: str


class InstructionRef(Noun):
    """One immutable version of an instruction; ``version`` is its content hash."""

    id: str
    version: str


class Instruction(Noun):
    """One version of one procedure. Without a run block it is still read by a model.

    ``approval`` always: a person approves each run, whatever policy would allow by itself.
    """

    id: str
    title: str
    platform: Platform
    effect: Effect = Effect.CHANGE
    idempotent: bool = False
    tags: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    secrets: tuple[SecretSpec, ...] = ()
    prose: str = ""
    blocks: tuple[Block, ...] = ()
    time_limit_seconds: int | None = None
    approval: ApprovalNeed = "policy"
    state: InstructionState = InstructionState.DRAFT

    @property
    def version(self) -> str:
        """SHA-256 over everything but the publishing state, so publishing does not change it."""
        # What leaves it to policy has the version that it had before it could say so.
        left_out = {"state", "approval"} if self.approval == "policy" else {"state"}
        content = self.model_dump(mode="json", exclude=left_out)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def ref(self) -> InstructionRef:
        """This very version."""
        return InstructionRef(id=self.id, version=self.version)

    def block(self, kind: BlockKind) -> Block | None:
        """The block of this kind, if the instruction has one."""
        return next((block for block in self.blocks if block.kind == kind), None)


class RankedInstruction(Noun):
    """An instruction found for a query. ``score`` is 0..1; ``confident`` is false below the threshold of trust."""

    instruction: Instruction
    score: float
    confident: bool = True
