"""Likeness: how a script that is nearly an instruction's instance differs from it, command by command."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from itops.domain.instruction import Instruction
from itops.domain.script import Command, Facts
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.parameters import validate

_STAND_IN: Final = re.compile(r"«([A-Za-z_][\w-]*)»")
_LINES: Final = 8
_WIDTH: Final = 120
_FIT, _SAME_PROGRAM = 3, 1
Pair: TypeAlias = tuple[Command | None, Command | None]


@dataclass(frozen=True)
class _Words:
    """What is compared of a command."""

    argv: tuple[str, ...]
    rest: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, command: Command) -> "_Words":
        rest = (command.wrappers, command.fed_by, command.writes, command.reads)
        return cls(command.argv, rest)


def stand_in(name: str) -> str:
    """What stands for a parameter's value in a template that is only compared with."""
    return f"«{name}»"


def differences(script: Facts, template: Facts, instruction: Instruction, values: Mapping[str, str]) -> tuple[str, ...]:
    """Which commands of the script are more, less or other than the template's; none where they are hardly alike.

    Args:
        script: What was read out of the script.
        template: What was read out of the block, rendered with ``stand_in`` for each parameter.
        instruction: Whose block it is.
        values: The values that the script is said to be rendered with.
    """
    pairs = _aligned(script.commands, template.commands)
    like = sum(1 for ours, theirs in pairs if ours and theirs)
    if like * 2 < len(template.commands) or not like:
        return ()
    lines = [line for pair in pairs for line in _told(*pair, instruction.id)]
    lines += _values_that_differ(_bindings(pairs), instruction, values)
    if not lines:
        lines = [f"Its commands are those of {instruction.id}, but they are put together in another way."]
    more = len(lines) - _LINES
    return (*lines[:_LINES], *([f"It differs from {instruction.id} in {more} more places."] if more > 0 else []))


def _told(ours: Command | None, theirs: Command | None, name: str) -> Iterator[str]:
    if theirs is None and ours:
        yield f"More than {name}: {_shown(ours)}."
    elif ours is None and theirs:
        yield f"Less than {name}: {_shown(theirs)} is left out."
    elif ours and theirs and _fit(ours, theirs) is None:
        yield f"Other than {name}: {_shown(ours)} in place of {_shown(theirs)}."


def _aligned(ours: Sequence[Command], theirs: Sequence[Command]) -> list[Pair]:
    """The commands side by side, in order, as many that fit as can be; one that has no counterpart stands alone."""
    best = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for row in reversed(range(len(ours))):
        for column in reversed(range(len(theirs))):
            paired = _score(ours[row], theirs[column])
            together = paired + best[row + 1][column + 1] if paired else 0
            best[row][column] = max(together, best[row + 1][column], best[row][column + 1])
    return list(_walked(ours, theirs, best))


def _walked(ours: Sequence[Command], theirs: Sequence[Command], best: list[list[int]]) -> Iterator[Pair]:
    row = column = 0
    while row < len(ours) and column < len(theirs):
        paired = _score(ours[row], theirs[column])
        if paired and best[row][column] == paired + best[row + 1][column + 1]:
            yield ours[row], theirs[column]
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            yield ours[row], None
            row += 1
        else:
            yield None, theirs[column]
            column += 1
    yield from ((command, None) for command in ours[row:])
    yield from ((None, command) for command in theirs[column:])


def _score(ours: Command, theirs: Command) -> int:
    if _fit(ours, theirs) is not None:
        return _FIT
    return _SAME_PROGRAM if ours.program == theirs.program else 0


def _fit(ours: Command, theirs: Command) -> list[tuple[str, str]] | None:
    """The values that make the template's command this one; None where no values do."""
    mine, wanted = _Words.of(ours), _Words.of(theirs)
    found: list[tuple[str, str]] = []
    for words, forms in zip((mine.argv, *mine.rest), (wanted.argv, *wanted.rest), strict=True):
        if len(words) != len(forms):
            return None
        for word, form in zip(words, forms, strict=True):
            bound = _bound(word, form)
            if bound is None:
                return None
            found += bound
    return found


def _bound(word: str, form: str) -> list[tuple[str, str]] | None:
    if word == form:
        return [(name, stand_in(name)) for name in _STAND_IN.findall(form)]
    names = _STAND_IN.findall(form)
    pattern = "(.*)".join(re.escape(part) for part in _STAND_IN.split(form)[::2])
    fits = re.fullmatch(pattern, word, re.DOTALL) if names else None
    return list(zip(names, fits.groups(), strict=True)) if fits else None


def _bindings(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """The values that each parameter has in the script, each once."""
    found: dict[str, list[str]] = {}
    for ours, theirs in pairs:
        for name, value in _fit(ours, theirs) or [] if ours and theirs else []:
            if value not in found.setdefault(name, []):
                found[name].append(value)
    return found


def _values_that_differ(
    bindings: Mapping[str, list[str]], instruction: Instruction, values: Mapping[str, str]
) -> Iterator[str]:
    parameters = {parameter.name: parameter for parameter in instruction.parameters}
    for name, found in bindings.items():
        if len(found) > 1:
            yield f"The parameter {name!r} has several values: {', '.join(map(repr, found[:4]))}."
        elif name in values and values[name] != found[0]:
            yield f"The parameter {name!r} is {found[0]!r} here, and was given as {values[name]!r}."
        if name not in parameters:
            continue
        for value in found[:1]:
            try:
                validate(parameters[name], value)
            except (InvalidParameter, InvalidInstruction) as error:
                yield error.what


def _shown(command: Command) -> str:
    words = (*command.argv, *(f"> {path}" for path in command.writes), *(f"< {path}" for path in command.reads))
    plain = " ".join(" ".join(words).split())
    cut = plain if len(plain) <= _WIDTH else f"{plain[: _WIDTH - 3]}..."
    around = [f"under {' '.join(command.wrappers)}"] if command.wrappers else []
    around += [f"fed by {', '.join(command.fed_by)}"] if command.fed_by else []
    return f"`{cut}`" + (f" ({', '.join(around)})" if around else "")
