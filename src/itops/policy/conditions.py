"""Conditions on one simple command, as effect entries and rules write them."""

import functools
import re
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.flags import Arguments, has_flag, only_flags

_PATH_LIMIT = 6
# What may follow a subcommand that a pattern says is a read, and then is a subcommand of it that changes something.
_CHANGING = re.compile(
    r"(?:add|apply|attach|clean|clear|clone|copy|cp|create|default|delete|del|deploy|destroy|detach|disable|drop|edit"
    r"|enable|exec|expire|export|fork|generate|grant|import|init|install|invite|invoke|join|kill|label|leave|load|lock"
    r"|login|logout|migrate|mount|move|mv|new|off|on|open|patch|pause|promote|prune|publish|pull|purge|push|put|rebuild"
    r"|reboot|register|reinstall|remove|rename|replace|reset|restart|restore|resume|revoke|rm|rmi|rollback|rotate|run|save"
    r"|scale|send|set|shell|ssh|start|stop|submit|suspend|switch|sync|tag|transfer|unlock|unmount|unregister|unset|update"
    r"|upgrade|use|write)(?:[-:].*)?"
)


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

    ``subcommand`` are its first operands, ``path`` a pattern of them; ``flags_only`` names all flags that it may have;
    the patterns of ``args_*`` are searched in every word. The others match in full: ``operands_all`` every operand
    after the subcommand, ``first`` the first of them, ``values_all`` the values of a flag.
    """

    subcommand: tuple[str, ...] = ()
    path: Pattern = ""
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
        spelling = arguments.spelling
        return (
            (not self.flags_any or has_flag(arguments.flags, self.flags_any, abbreviated=not strict, spelling=spelling))
            and not self._has_forbidden(arguments, leading or frozenset())
            and (self.flags_only is None or only_flags(arguments.flags, self.flags_only, spelling))
            and (not self.args_any or _any_matches(self.args_any, arguments.words))
            and not _any_matches(self.args_none, arguments.words)
            and (not self.operands_all or all(_compiled(self.operands_all).fullmatch(word) for word in operands))
            and (not self.first or bool(operands and _compiled(self.first).fullmatch(operands[0])))
            and all(_compiled(self.values_all.get(flag, ".*")).fullmatch(value) for flag, value in arguments.values)
            and self.operands_min <= len(operands)
            and (self.operands_max is None or len(operands) <= self.operands_max)
        )

    def subcommand_ends(self, arguments: Arguments) -> bool:
        """Whether the words hold all of the subcommand."""
        return self._words_of_subcommand(arguments.operands) > 0

    def _has_forbidden(self, arguments: Arguments, known: frozenset[str]) -> bool:
        """Whether a flag is there that must not be, or one that may be its beginning and is not ``known`` by itself."""
        given, spelling = arguments.possible, arguments.spelling
        return has_flag(given & known, self.flags_none, abbreviated=False, spelling=spelling) or has_flag(
            given - known, self.flags_none, abbreviated=True, spelling=spelling
        )

    def _subcommand_depth(self, arguments: Arguments, leading: frozenset[str] | None) -> int | None:
        """How many operands the subcommand takes; None where another stands there."""
        if not self.subcommand and not self.path:
            return 0
        depth = self._words_of_subcommand(arguments.operands)
        if not depth:
            return None
        if leading is None:
            return depth
        further = arguments.operands[depth : depth + 1] if self.path else ()
        changes = bool(further and _CHANGING.fullmatch(further[0]))
        return depth if not changes and arguments.leading[depth - 1] <= leading else None

    def _words_of_subcommand(self, operands: tuple[str, ...]) -> int:
        """How many of the first operands are the subcommand; the most where several fit, 0 where none does."""
        fitting = [len(words) for words in self._subcommands if operands[: len(words)] == words]
        if self.path:
            fits = _compiled(self.path).fullmatch
            fitting += [end for end in range(min(len(operands), _PATH_LIMIT) + 1) if fits(" ".join(operands[:end]))]
        return max(fitting, default=0)

    @functools.cached_property
    def _subcommands(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(wanted.split()) for wanted in self.subcommand)


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

    def concerns(self, program: str) -> bool:
        """Whether they are about this program, or about any."""
        return not self.program or any(fnmatchcase(program, one) for one in self.program)

    def hold_for(self, command: Command, arguments: Arguments) -> bool:
        """Whether they hold for the command, whose words are taken apart already."""
        return (
            self.concerns(command.program)
            and (not self.effects or command.effect in self.effects)
            and (not self.writes_any or _any_matches(self.writes_any, command.writes))
            and (not self.reads_any or _any_matches(self.reads_any, command.reads))
            and (not self.fed_by or any(fnmatchcase(feeder, one) for feeder in command.fed_by for one in self.fed_by))
            and (not self.wrappers_any or bool(set(self.wrappers_any) & set(command.wrappers)))
            and self.hold(arguments, None)
        )


def matches(pattern: str, word: str) -> bool:
    """Whether the pattern matches all of the word."""
    return bool(_compiled(pattern).fullmatch(word))


def _may_be_flag(value: str) -> bool:
    """Whether the value of a flag would be a flag itself, did the flag take none."""
    return len(value) > 1 and value.startswith("-") and not value[1:].isdigit()


def _any_matches(patterns: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(_compiled(pattern).search(word) for pattern in patterns for word in words)
