"""Conditions on one simple command, as effect entries and rules write them."""

import functools
import re
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.flags import Arguments, has_flag


def _check_pattern(text: str) -> str:
    try:
        _compiled(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


Pattern = Annotated[str, AfterValidator(_check_pattern)]


class ArgumentConditions(Noun):
    """What a command's words must be; every field given must hold.

    ``subcommand`` are its first operands; ``flags_only`` names all flags that it may have; the patterns of ``args_*``
    are searched in every word. The others match in full: ``operands_all`` every operand after the subcommand, ``first``
    the first of them, ``values_all`` the values of a flag.
    """

    subcommand: tuple[str, ...] = ()
    flags_any: tuple[str, ...] = ()
    flags_none: tuple[str, ...] = ()
    flags_only: tuple[str, ...] | None = None
    args_any: tuple[Pattern, ...] = ()
    args_none: tuple[Pattern, ...] = ()
    operands_all: Pattern = ""
    first: Pattern = ""
    values_all: dict[str, Pattern] = Field(default_factory=dict)
    operands_min: int = 0
    operands_max: int | None = None

    def hold(self, arguments: Arguments, leading: frozenset[str] | None) -> bool:
        """Whether they hold; ``leading``, where given, are the only flags that may stand before a subcommand."""
        strict = leading is not None
        depth = self._subcommand_depth(arguments, leading)
        if depth is None or (
            strict and any(value in arguments.words and _may_be_flag(value) for _, value in arguments.values)
        ):
            return False
        operands = arguments.operands[depth:]
        return (
            (not self.flags_any or has_flag(arguments.flags, self.flags_any, abbreviated=not strict))
            and not has_flag(arguments.possible, self.flags_none, abbreviated=True)
            and (self.flags_only is None or set(arguments.flags) <= set(self.flags_only))
            and (not self.args_any or _any_matches(self.args_any, arguments.words))
            and not _any_matches(self.args_none, arguments.words)
            and (not self.operands_all or all(_compiled(self.operands_all).fullmatch(word) for word in operands))
            and (not self.first or bool(operands and _compiled(self.first).fullmatch(operands[0])))
            and all(_compiled(self.values_all.get(flag, ".*")).fullmatch(value) for flag, value in arguments.values)
            and self.operands_min <= len(operands)
            and (self.operands_max is None or len(operands) <= self.operands_max)
        )

    def _subcommand_depth(self, arguments: Arguments, leading: frozenset[str] | None) -> int | None:
        """How many operands the subcommand takes; None where another stands there."""
        if not self.subcommand:
            return 0
        for wanted in sorted(self.subcommand, key=len, reverse=True):
            words = tuple(wanted.split())
            if arguments.operands[: len(words)] == words:
                before = arguments.leading[len(words) - 1]
                return len(words) if leading is None or before <= leading else None
        return None


class CommandConditions(ArgumentConditions):
    """What a whole command must be, for a rule: its program (a pattern like ``mkfs.*``), files, feeders and effect."""

    program: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    single_dash: bool = False
    effects: tuple[Effect, ...] = ()
    writes_any: tuple[Pattern, ...] = ()
    reads_any: tuple[Pattern, ...] = ()
    fed_by: tuple[str, ...] = ()
    wrappers_any: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a rule needs at least one condition")
        return self

    def hold_for(self, command: Command, arguments: Arguments) -> bool:
        """Whether they hold for the command, whose words are taken apart already."""
        return (
            (not self.program or any(fnmatchcase(command.program, one) for one in self.program))
            and (not self.effects or command.effect in self.effects)
            and (not self.writes_any or _any_matches(self.writes_any, command.writes))
            and (not self.reads_any or _any_matches(self.reads_any, command.reads))
            and (not self.fed_by or any(fnmatchcase(feeder, one) for feeder in command.fed_by for one in self.fed_by))
            and (not self.wrappers_any or bool(set(self.wrappers_any) & set(command.wrappers)))
            and self.hold(arguments, None)
        )


def _may_be_flag(value: str) -> bool:
    """Whether the value of a flag would be a flag itself, did the flag take none."""
    return len(value) > 1 and value.startswith("-") and not value[1:].isdigit()


def _any_matches(patterns: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(_compiled(pattern).search(word) for pattern in patterns for word in words)
