"""Rules: what is never allowed, and what always asks."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from itops.domain.script import Command
from itops.domain.verdict import Decision
from itops.policy.circumstances import Circumstances
from itops.policy.conditions import CommandConditions
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments


def _check_decision(value: object) -> object:
    if value == "allow":
        raise ValueError("a rule can't allow, as rules only tighten: publish an instruction for what may run unasked")
    return value


class Rule(Circumstances):
    """One rule. No rule allows: what no rule speaks of is judged by its effect, and asks unless that is a read."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    decision: Annotated[Literal["ask", "deny"], BeforeValidator(_check_decision)]
    reason: str
    instead: str = ""
    when: CommandConditions
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.decision == "deny" and not self.instead:
            raise ValueError(f"rule {self.id} denies and does not say what to do instead")
        wrong = "" if self.when.effects else self.wrong_example(lambda command: command)
        if wrong:
            raise ValueError(wrong)
        return self

    def wrong_example(self, classified: Callable[[Command], Command]) -> str:
        """What is off with an example, if one is; ``classified`` gives a command its effect."""
        for example in self.match:
            if not self.speaks_of(classified(command_of(example))):
                return f"rule {self.id} does not match its example {example!r}"
        for example in self.not_match:
            if self.speaks_of(classified(command_of(example))):
                return f"rule {self.id} matches {example!r}, which it must not"
        return ""

    def speaks_of(self, command: Command) -> bool:
        """Whether the command is what the rule is about."""
        return self.when.concerns(command.program) and self.when.hold_for(
            command, parse_arguments(command.argv, self._valued, single_dash=self.when.single_dash)
        )

    @property
    def strictness(self) -> Decision:
        """What it decides."""
        return Decision(self.decision)

    @cached_property
    def _valued(self) -> frozenset[str]:
        return frozenset(self.when.valued)
