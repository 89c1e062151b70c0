"""Rules: what is never allowed, and what always asks."""

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.domain.target import Target
from itops.domain.verdict import Decision
from itops.policy.conditions import CommandConditions
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments


class Rule(Noun):
    """One rule. No rule allows: what no rule speaks of is judged by its effect, and asks unless that is a read.

    ``environments`` and ``targets`` limit it to some targets; ``without_role`` to people who lack a role.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    decision: Literal["ask", "deny"]
    reason: str
    instead: str = ""
    when: CommandConditions
    environments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    without_role: str = ""
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.decision == "deny" and not self.instead:
            raise ValueError(f"rule {self.id} denies and does not say what to do instead")
        for example in self.match:
            if not self.speaks_of(command_of(example)):
                raise ValueError(f"rule {self.id} does not match its example {example!r}")
        for example in self.not_match:
            if self.speaks_of(command_of(example)):
                raise ValueError(f"rule {self.id} matches {example!r}, which it must not")
        return self

    def speaks_of(self, command: Command) -> bool:
        """Whether the command is what the rule is about."""
        return self.when.concerns(command.program) and self.when.hold_for(
            command, parse_arguments(command.argv, self._valued, single_dash=self.when.single_dash)
        )

    def applies(self, targets: tuple[Target, ...], roles: tuple[str, ...]) -> bool:
        """Whether the rule holds for these targets and for a person of these roles."""
        here = any(
            (not self.environments or target.environment in self.environments)
            and (not self.targets or target.name in self.targets)
            for target in targets
        )
        limited = bool(self.environments or self.targets)
        return (here or not limited) and (not self.without_role or self.without_role not in roles)

    @property
    def strictness(self) -> Decision:
        """What it decides."""
        return Decision(self.decision)

    @cached_property
    def _valued(self) -> frozenset[str]:
        return frozenset(self.when.valued)
