"""What policy says of a script."""

from datetime import datetime
from enum import StrEnum

from itops.domain.effect import Effect
from itops.domain.instruction import InstructionRef
from itops.domain.noun import Noun


class Decision(StrEnum):
    """Ordered by strictness: the strictest that any rule says holds."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """Position on the scale."""
        return list(Decision).index(self)


class Reason(Noun):
    """One rule's word. ``instead`` says what to do in place of what is denied."""

    rule: str
    message: str
    instead: str = ""


class Verdict(Noun):
    """The judgement of exactly one script digest under exactly one policy.

    ``conforms_to`` is the published instruction version that the script is an exact instance of, if it is;
    ``repeatable`` says that running it twice does what running it once does.
    """

    decision: Decision
    effect: Effect
    reasons: tuple[Reason, ...]
    digest: str
    policy_version: str
    judged_at: datetime
    expires_at: datetime
    conforms_to: InstructionRef | None = None
    repeatable: bool = False
    commands: tuple[tuple[str, ...], ...] = ()
