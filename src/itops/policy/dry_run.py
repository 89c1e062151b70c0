"""The harmless form of a command, where its tool has one: what would happen, told by the tool itself."""

import re
import shlex
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.conditions import ArgumentConditions
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments, spelling_of

_NO_CONDITIONS: Final = ArgumentConditions()
_TRANSPARENT: Final = frozenset({"sudo", "doas", "nice", "ionice", "nohup", "timeout", "time", "command", "env"})
_VARIABLE_WORD: Final = re.compile(r"[\w$/.{}:@%+=,-]+")
_PLAIN_WORD: Final = re.compile(r"[\w./:@%+=,*?\\-]+")


class Form(Noun):
    """How one use of a program becomes harmless.

    Words are added behind the program, behind its subcommand or at the end; ``swap`` changes the first word of a kind;
    ``drop`` takes flags away, which have no value or have it behind an equals sign. ``match`` maps commands to forms.
    """

    add: tuple[str, ...] = ()
    place: Literal["program", "subcommand", "end"] = "program"
    swap: dict[str, str] = Field(default_factory=dict)
    drop: tuple[str, ...] = ()
    when: ArgumentConditions = _NO_CONDITIONS
    match: dict[str, str] = Field(min_length=1)
    not_match: tuple[str, ...] = ()


class ProgramForms(Noun):
    """The harmless forms of some programs; the first that fits a command is its form."""

    program: tuple[str, ...] = Field(min_length=1)
    valued: tuple[str, ...] = ()
    single_dash: bool = False
    forms: tuple[Form, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_examples(self) -> Self:
        for form in self.forms:
            for example, wanted in form.match.items():
                argv = command_of(example).argv
                if argv[0] not in self.program or self._fitting(argv) is not form:
                    raise ValueError(f"the example {example!r} does not get the form that adds {form.add}")
                if self.form_of(argv) != tuple(shlex.split(wanted)):
                    raise ValueError(f"the example {example!r} becomes {self.form_of(argv)}, not {wanted!r}")
            for example in form.not_match:
                if self._fitting(command_of(example).argv) is form:
                    raise ValueError(f"the example {example!r} gets the form that adds {form.add}, and must not")
        return self

    def form_of(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """The harmless form; nothing where there is none."""
        form = self._fitting(argv)
        if form is None:
            return ()
        behind = self._behind(argv, form)
        words = [*argv[1:behind], *form.add, *argv[behind:]]
        kept = [word for word in words if word.partition("=")[0] not in form.drop]
        for old, new in form.swap.items():
            if old in kept:
                place = kept.index(old)
                kept[place : place + 1] = new.split()
        return (argv[0], *kept)

    def _fitting(self, argv: tuple[str, ...]) -> Form | None:
        arguments = parse_arguments(argv, self._valued, single_dash=self.single_dash)
        return next((form for form in self.forms if form.when.hold(arguments, None)), None)

    def _behind(self, argv: tuple[str, ...], form: Form) -> int:
        """How many words stand before the place where words are added."""
        if form.place == "program":
            return 1
        for end in range(len(argv)):
            arguments = parse_arguments(argv[:end], self._valued, single_dash=self.single_dash)
            if form.place == "subcommand" and form.when.subcommand_ends(arguments):
                return end
        return len(argv)

    @cached_property
    def _valued(self) -> frozenset[str]:
        return frozenset(self.valued)


class DryRuns:
    """Harmless forms by program; ``has_what_if`` knows which cmdlets only speak when they get ``-WhatIf``."""

    def __init__(
        self,
        groups: Iterable[ProgramForms] = (),
        has_what_if: Callable[[tuple[str, ...]], bool] = lambda argv: False,  # noqa: ARG005 - none has
    ) -> None:
        self._has_what_if = has_what_if
        self._programs: dict[str, list[ProgramForms]] = {}
        for group in groups:
            for program in group.program:
                self._programs.setdefault(program, []).append(group)

    def __len__(self) -> int:
        return len(self._programs)

    def form_of(self, command: Command) -> Command | None:
        """The command in its harmless form, which writes nothing by redirection; None where it has none.

        A command that another one runs elsewhere, or over and over, has none: its form would not be what is shown.
        """
        if set(command.wrappers) - _TRANSPARENT:
            return None
        forms = [group.form_of(command.argv) for group in self._programs.get(command.program, ())]
        for argv in (*forms, self._with_what_if(command)):
            if argv:
                return command.model_copy(update={"argv": argv, "writes": ()})
        return None

    def _with_what_if(self, command: Command) -> tuple[str, ...]:
        if spelling_of(command.program) != "cmdlet" or "-WhatIf" in command.argv:
            return ()
        return (*command.argv, "-WhatIf") if self._has_what_if(command.argv) else ()


def text_of(command: Command) -> str:
    """The command as a person would type it; nothing where its words can't be told from their source."""
    quote = _quoted_for_powershell if spelling_of(command.program) != "posix" else shlex.quote
    words = []
    for word in command.argv:
        is_variable = command.dynamic and "$" in word
        if command.dynamic and ("`" in word or (is_variable and not _VARIABLE_WORD.fullmatch(word))):
            return ""
        words.append(f'"{word}"' if is_variable else quote(word))
    raised = [word for word in command.wrappers if word in {"sudo", "doas"}]
    return " ".join([*raised[:1], *words])


def _quoted_for_powershell(word: str) -> str:
    return word if _PLAIN_WORD.fullmatch(word) else "'" + word.replace("'", "''") + "'"
