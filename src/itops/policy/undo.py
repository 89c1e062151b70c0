"""The way back from a change: words for people; no verdict rests on them."""

import functools
import hashlib
from fnmatch import fnmatchcase
from importlib import resources
from typing import Final, Self

from pydantic import Field, model_validator

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.conditions import ArgumentConditions
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments
from itops.policy.policy_source import all_made, read

_ALWAYS: Final = ArgumentConditions()


class Undo(Noun):
    """Whether a command can be undone (None: not known), and how, or what is gone."""

    reversible: bool | None
    how: str


class Way(Noun):
    """The way back from one use of a program; ``lost``: there is none, and ``back`` says what is gone."""

    when: ArgumentConditions = _ALWAYS
    back: str
    lost: bool = False
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = ()


class WaysBack(Noun):
    """What is known of the way back from what some programs do; of several that fit, the first holds."""

    program: tuple[str, ...] = Field(min_length=1)
    valued: tuple[str, ...] = ()
    ways: tuple[Way, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_examples(self) -> Self:
        for way in self.ways:
            for example in (*way.match, *way.not_match):
                if (self.way_of(command_of(example)) is way) is not (example in way.match):
                    raise ValueError(f"the example {example!r} is judged the other way by {way.back!r}")
        return self

    def way_of(self, command: Command) -> Way | None:
        """The first way back that fits the command."""
        if not any(fnmatchcase(command.program, name) for name in self.program):
            return None
        arguments = parse_arguments(command.argv, frozenset(self.valued))
        return next((way for way in self.ways if way.when.hold(arguments, None)), None)


def undo_of(command: Command) -> Undo:
    """Whether a classified command can be undone."""
    if command.effect is Effect.READ:
        return Undo(reversible=True, how="it changes nothing")
    way = next((way for known in _ways_back() if (way := known.way_of(command))), None)
    if way:
        return Undo(reversible=not way.lost, how=way.back)
    if command.effect is Effect.DESTROY:
        return Undo(reversible=False, how="what it destroys is gone")
    if command.writes:
        return Undo(reversible=None, how="what stood in the files it writes may be gone; keep copies of them")
    return Undo(reversible=None, how="no way back is known")


@functools.cache
def _ways_back() -> tuple[WaysBack, ...]:
    file = resources.files("itops.policy") / "undo.yaml"
    return tuple(all_made(WaysBack, file, read(file, hashlib.sha256()), "programs"))
