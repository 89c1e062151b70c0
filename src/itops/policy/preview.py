"""Which scripts change nothing but local files: those may be tried on a throw-away copy."""

import re
from collections.abc import Iterable
from typing import Final, Self

from pydantic import Field, model_validator

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command, Facts
from itops.policy.conditions import ArgumentConditions
from itops.policy.effect_table import expands
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments
from itops.policy.secret_paths import SecretPaths
from itops.policy.whereabouts import folders_of, readings_of

_NO_CONDITIONS: Final = ArgumentConditions()
# Programs that run others in their own way, under which a command does to files what it does by itself.
_TRANSPARENT: Final = frozenset(
    {"sudo", "command", "builtin", "timeout", "nice", "ionice", "env", "time", "xargs", "find"}
)
_FUNCTION: Final = re.compile(r"[\w:.-]+\(\)")
# What is no file on a disk, and is not to be seen in a view of files.
_ELSEWHERE: Final = re.compile(r"/(?:dev|proc|sys|run|var/run)(?:/|$)")
_HARMLESS: Final = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/zero", "/dev/urandom", "/dev/random"})


class FilePrograms(Noun):
    """Programs that work on local files alone.

    ``dynamic``: also with words that only run time knows, for they show or copy no file's contents. ``reads``: only as
    far as they change nothing but what they are redirected into.
    """

    program: tuple[str, ...] = Field(min_length=1)
    when: ArgumentConditions = _NO_CONDITIONS
    dynamic: bool = False
    reads: bool = False
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_examples(self) -> Self:
        for example in self.match:
            if not self.knows(command_of(example)):
                raise ValueError(f"the example {example!r} does not match")
        for example in self.not_match:
            if self.knows(command_of(example)):
                raise ValueError(f"the example {example!r} matches, and must not")
        return self

    def knows(self, command: Command) -> bool:
        """Whether this use of a program works on local files alone."""
        arguments = parse_arguments(command.argv, frozenset())
        return (
            command.program in self.program
            and (self.dynamic or not command.dynamic)
            and not (self.reads and command.effect is Effect.CHANGE and not command.writes)
            and self.when.hold(arguments, None)
        )


class LocalFiles:
    """What is known to change local files and nothing else."""

    def __init__(self, groups: Iterable[FilePrograms] = ()) -> None:
        self._programs: dict[str, list[FilePrograms]] = {}
        for group in groups:
            for program in group.program:
                self._programs.setdefault(program, []).append(group)

    def alone_in(self, facts: Facts, secrets: SecretPaths, protected: tuple[str, ...]) -> bool:
        """Whether the classified facts are of a script that changes local files and does nothing else.

        One that names a secret, or a file of itops itself, is none: what it copies could be shown.
        """
        if facts.effect is not Effect.CHANGE or facts.impossible:
            return False
        folders = folders_of(facts)
        return all(
            self._is_known(reading) and not secrets.found_in(reading, metadata=False) and not _names(reading, protected)
            for command in facts.commands
            for reading in readings_of(command, folders)
        )

    def _is_known(self, command: Command) -> bool:
        paths = (*command.argv[1:], *command.writes, *command.reads)
        if any(_ELSEWHERE.search(path) and path not in _HARMLESS for path in paths):
            return False
        if any(wrapper not in _TRANSPARENT and not _FUNCTION.fullmatch(wrapper) for wrapper in command.wrappers):
            return False
        if expands(command.reads):
            return False
        return not command.program or any(group.knows(command) for group in self._programs.get(command.program, ()))


def _names(command: Command, protected: tuple[str, ...]) -> bool:
    """Whether it names what is protected, or a directory that holds it."""
    words = (*command.argv[1:], *command.writes, *command.reads)
    return any(
        path in word or (word.startswith(("/", "~", "$")) and f"{path}/".startswith(f"{word.rstrip('/*')}/"))
        for path in protected
        for word in words
    )
