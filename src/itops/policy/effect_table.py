"""The table of effects: what programs do to the world, by subcommand and flag, with examples that are checked."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.aws_effects import PROGRAM, AwsEffects
from itops.policy.conditions import ArgumentConditions
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments, spelling_of
from itops.policy.judged import READS_SECRET, Judged
from itops.policy.secret_paths import SecretPaths

_NO_CONDITIONS = ArgumentConditions()
PRINTERS = frozenset({"echo", "printf"})
_WHAT_IF = "-WhatIf"
_ENDING = re.compile(r"[*?][\w*?-]*\.[\w-]+")


class Entry(Noun):
    """One thing that a program does.

    ``any_options``: no option changes it, so words that only run time knows may be options.
    ``whole_options``: its options are whole words without a dot, which a pattern of file names like ``*.log`` never is.
    ``any_arguments``: nothing that its words may be changes it, and it shows the contents of no file.
    ``metadata``: it shows the contents of no file, so that secret files may be named.
    ``alone``: where it fits, the program does nothing else (it only prints its help).
    ``unfed``: it sends its input to another host, so nothing but literal text may be fed to it.
    ``what_if``: with ``-WhatIf`` it only says what it would do.
    """

    effect: Effect
    why: str
    when: ArgumentConditions = _NO_CONDITIONS
    any_options: bool = False
    whole_options: bool = False
    any_arguments: bool = False
    metadata: bool = False
    unfed: bool = False
    alone: bool = False
    what_if: bool = False
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = ()


class ProgramEffects(Noun):
    """All that is known of some programs.

    ``valued`` are flags that take the next word as value; ``leading`` other flags that may stand before a subcommand;
    ``single_dash``: long options begin with one dash.
    """

    program: tuple[str, ...] = Field(min_length=1)
    valued: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    single_dash: bool = False
    effects: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_examples(self) -> Self:
        for entry in self.effects:
            for example in entry.match:
                if not self._matches(entry, example):
                    raise ValueError(f"the example {example!r} does not match the entry {entry.why!r}")
            for example in entry.not_match:
                if self._matches(entry, example):
                    raise ValueError(f"the example {example!r} matches the entry {entry.why!r}, and must not")
        return self

    def _matches(self, entry: Entry, example: str) -> bool:
        command = command_of(example)
        return command.program in self.program and entry in self.entries_for(command.argv)

    def entries_for(self, argv: tuple[str, ...]) -> list[Entry]:
        """The entries about these words; one that says ``read`` only if they are certain to be what they seem."""
        arguments = parse_arguments(argv, self._valued, single_dash=self.single_dash)
        before = {Effect.READ: self._before}
        found = [entry for entry in self.effects if entry.when.hold(arguments, before.get(entry.effect))]
        return [_only_said(entry) if entry.what_if and _WHAT_IF in argv else entry for entry in found]

    @cached_property
    def _valued(self) -> frozenset[str]:
        return frozenset(self.valued)

    @cached_property
    def _before(self) -> frozenset[str]:
        return frozenset((*self.valued, *self.leading))


def _only_said(entry: Entry) -> Entry:
    """What a cmdlet does under ``-WhatIf``."""
    return entry.model_copy(
        update={"effect": Effect.READ, "why": "it says what it would do (-WhatIf)", "metadata": True}
    )


class EffectTable:
    """Programs by name, calls of AWS by operation, and which files are secrets."""

    def __init__(self, groups: Iterable[ProgramEffects], secrets: SecretPaths, aws: AwsEffects | None = None) -> None:
        self.groups = tuple(groups)
        self.secrets = secrets
        self.aws = aws or AwsEffects()
        self._programs: dict[str, list[ProgramEffects]] = {}
        for group in self.groups:
            for program in group.program:
                self._programs.setdefault(program, []).append(group)

    def __len__(self) -> int:
        return len(self._programs)

    def has_what_if(self, argv: tuple[str, ...]) -> bool:
        """Whether all that these words of a cmdlet do is only said with ``-WhatIf``."""
        entries = [entry for group in self._programs.get(argv[0], ()) for entry in group.entries_for(argv)]
        return bool(entries) and all(entry.what_if for entry in entries)

    def judge(self, command: Command, literal: frozenset[str] | None = PRINTERS) -> Judged:
        """The heaviest that any entry says of the command; unknown where none speaks.

        ``literal``: programs that, in this script, print nothing but literal text; None where it reads a file in.
        """
        if command.program == PROGRAM:
            return self.aws.judge(command, self.secrets.is_secret)
        groups = self._programs.get(command.program, [])
        entries = [entry for group in groups for entry in group.entries_for(command.argv)]
        if not groups:
            return Judged(effect=Effect.UNKNOWN, why=f"the effects table does not know the program {command.program}")
        if not entries:
            return Judged(effect=Effect.UNKNOWN, why=f"the effects table does not know this use of {command.program}")
        entries = [entry for entry in entries if entry.alone] or entries
        heaviest = max(entries, key=lambda entry: entry.effect.weight)
        if heaviest.effect is not Effect.READ:
            return Judged(effect=heaviest.effect, why=heaviest.why)
        return self._judge_read(command, entries, heaviest, literal)

    def _judge_read(
        self, command: Command, entries: list[Entry], heaviest: Entry, literal: frozenset[str] | None
    ) -> Judged:
        """A read stays one only if no word that run time alone knows could make it something else."""
        any_arguments = all(entry.any_arguments for entry in entries)
        # A value of run time is never taken for a parameter of a cmdlet.
        is_cmdlet = spelling_of(command.program) == "cmdlet"
        if is_cmdlet and any(word.lower().startswith("-cred") for word in command.argv):
            return Judged(effect=Effect.UNKNOWN, why=f"{command.program} acts as somebody else (-Credential)")
        any_options = any_arguments or is_cmdlet or all(entry.any_options for entry in entries)
        any_options = any_options or (all(entry.whole_options for entry in entries) and _only_names(command.argv))
        metadata = any_arguments or all(entry.metadata for entry in entries)
        if not any_arguments and (command.dynamic and (not any_options or expands(command.argv))):
            why = f"{command.program} gets a word that is only known at run time"
            return Judged(effect=Effect.UNKNOWN, why=why)
        if not any_arguments and expands(command.reads):
            return Judged(effect=Effect.UNKNOWN, why=f"which file {command.program} reads is only known at run time")
        if any(entry.unfed for entry in entries) and (
            literal is None or command.reads or set(command.fed_by) - literal
        ):
            return Judged(effect=Effect.UNKNOWN, why=f"{command.program} would send what it is fed to another host")
        secret = self.secrets.found_in(command, metadata=metadata)
        if secret:
            return Judged(effect=Effect.UNKNOWN, why=f"{READS_SECRET}: {secret}")
        return Judged(effect=Effect.READ, why=heaviest.why)


def _only_names(words: tuple[str, ...]) -> bool:
    """Whether no word is a pattern but those of file names with a literal ending."""
    return not any(word[:1] in {"*", "?", "[", "{"} and not _ENDING.fullmatch(word) for word in words)


def expands(words: tuple[str, ...]) -> bool:
    """Whether a word holds what run time puts something else in place of."""
    return any("$" in word or "`" in word for word in words)
