"""A command's words apart: flags, operands, and the values of flags that take one."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Arguments:
    """``flags`` in order, clusters taken apart; ``operands`` are all words that are neither flag nor a flag's value.

    ``leading`` are the flags that stand before each operand, by the operand's index; ``values`` flags with their value.
    ``possible`` are all flags that the words may hold if a flag takes no value after all: what must not be there is
    looked for among these.
    """

    words: tuple[str, ...]
    flags: tuple[str, ...]
    operands: tuple[str, ...]
    leading: tuple[frozenset[str], ...]
    values: tuple[tuple[str, str], ...]
    possible: frozenset[str]


def parse_arguments(argv: tuple[str, ...], valued: frozenset[str], *, single_dash: bool = False) -> Arguments:
    """The words after the program; ``single_dash`` for programs whose long options begin with one dash."""
    flags: list[str] = []
    operands: list[str] = []
    leading: list[frozenset[str]] = []
    values: list[tuple[str, str]] = []
    waiting, ended = False, False
    for word in argv[1:]:
        if waiting:
            values.append((flags[-1], word))
            waiting = False
        elif ended or not word.startswith("-") or word == "-":
            operands.append(word)
            leading.append(frozenset(flags))
        elif word == "--":
            ended = True
        else:
            names, value = _flags_of(word, valued, single_dash=single_dash)
            flags.extend(names)
            waiting = value is None
            values.extend([(names[-1], value)] if value else [])
    dashed = [word for word in argv[1:] if word.startswith("-") and word not in {"-", "--"}]
    possible = frozenset(flag for word in dashed for flag in _flags_of(word, frozenset(), single_dash=single_dash)[0])
    return Arguments(argv[1:], tuple(flags), tuple(operands), tuple(leading), tuple(values), possible)


def has_flag(flags: Iterable[str], wanted: Iterable[str], *, abbreviated: bool) -> bool:
    """Whether one of the wanted flags is there; ``abbreviated`` counts a long one's beginnings too."""
    listed = tuple(wanted)
    return any(
        flag in listed
        or (abbreviated and len(flag) > len("--") and any(one.startswith(flag) for one in listed if flag[:2] == "--"))
        for flag in flags
    )


def _flags_of(word: str, valued: frozenset[str], *, single_dash: bool) -> tuple[list[str], str | None]:
    """The flags in one word, and the value of the last of them; None where the next word is its value."""
    if word.startswith("--") or single_dash:
        name, equals, value = word.partition("=")
        return [name], None if name in valued and not equals else value
    names: list[str] = []
    for place, letter in enumerate(word[1:], 2):
        names.append(f"-{letter}")
        if names[-1] in valued:
            return names, word[place:] or None
    return names, ""
