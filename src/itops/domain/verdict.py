"""What policy says of a script."""

from datetime import datetime
from enum import StrEnum

from itops.domain.effect import Effect
from itops.domain.instruction import InstructionRef
from itops.domain.noun import Noun
from itops.domain.sandbox import Sandbox


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


class DryRun(Noun):
    """The harmless form of a command: what would happen, told by its own tool.

    ``is_read``: policy judges the form itself as a read; else it is only to be looked at.
    """

    command: str
    form: str
    is_read: bool = False


class Verdict(Noun):
    """The judgement of exactly one script digest under exactly one policy.

    ``conforms_to`` is the published instruction version that the script is an exact instance of, if it is;
    ``repeatable`` says that running it twice does what running it once does; ``sandbox`` is how it has to be confined,
    None where it is not.
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
    sandbox: Sandbox | None = None
    dry_runs: tuple[DryRun, ...] = ()
    local_files: bool = False
