"""A command's words apart: flags, operands, and the values of flags that take one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

Spelling: TypeAlias = Literal["posix", "cmdlet", "windows"]
_CMDLET: Final = re.compile(r"[A-Z][A-Za-z]*-[A-Za-z_]\w*")
_WINDOWS: Final = re.compile(r"(?:[^/\\]+\.(?:exe|com)|cmd:\w+|\.[\w()=]+|\[[^\]]*(?:\[\])?\])", re.DOTALL)


@dataclass(frozen=True)
class Arguments:
    """``flags`` in order, clusters taken apart; ``operands`` are all words that are neither flag nor a flag's value.

    ``leading`` are the flags that stand before each operand, by the operand's index; ``values`` flags with their value.
    ``possible`` are all flags that the words may hold if a flag takes no value after all: what must not be there is
    looked for among these. Where the spelling is not that of POSIX, all words are in lower case.
    """

    words: tuple[str, ...]
    flags: tuple[str, ...]
    operands: tuple[str, ...]
    leading: tuple[frozenset[str], ...]
    values: tuple[tuple[str, str], ...]
    possible: frozenset[str]
    spelling: Spelling = "posix"


@cache
def spelling_of(program: str) -> Spelling:
    """How a program's words are spelt: a cmdlet's as ``-Name value``, those of a program of Windows as ``/x:value``."""
    if _CMDLET.fullmatch(program):
        return "cmdlet"
    return "windows" if _WINDOWS.fullmatch(program) else "posix"


def parse_arguments(argv: tuple[str, ...], valued: frozenset[str], *, single_dash: bool = False) -> Arguments:
    """The words after the program; ``single_dash`` for programs whose long options begin with one dash."""
    spelling = spelling_of(argv[0]) if argv else "posix"
    if spelling != "posix":
        argv, valued = tuple(word.lower() for word in argv), frozenset(_lowered(tuple(valued)))
    flags: list[str] = []
    operands: list[str] = []
    leading: list[frozenset[str]] = []
    values: list[tuple[str, str]] = []
    waiting, ended = False, False
    for word in argv[1:]:
        if waiting:
            values.append((flags[-1], word))
            waiting = False
        elif ended or not _is_flag(word, spelling):
            operands.append(word)
            leading.append(frozenset(flags))
        elif word == "--":
            ended = True
        else:
            names, value = _flags_of(word, valued, single_dash=single_dash, spelling=spelling)
            flags.extend(names)
            waiting = value is None
            values.extend([(names[-1], value)] if value else [])
    dashed = [word for word in argv[1:] if _is_flag(word, spelling) and word != "--"]
    possible = frozenset(
        flag for word in dashed for flag in _flags_of(word, frozenset(), single_dash=single_dash, spelling=spelling)[0]
    )
    return Arguments(argv[1:], tuple(flags), tuple(operands), tuple(leading), tuple(values), possible, spelling)


def has_flag(flags: Iterable[str], wanted: Iterable[str], *, abbreviated: bool, spelling: Spelling = "posix") -> bool:
    """Whether one of the wanted flags is there; ``abbreviated`` counts a long one's beginnings too."""
    listed = tuple(wanted) if spelling == "posix" else _lowered(tuple(wanted))
    begun = "-" if spelling == "cmdlet" else "--"
    return any(
        flag in listed
        or (
            abbreviated
            and len(flag) > len(begun)
            and any(one.startswith(flag) for one in listed if flag.startswith(begun))
        )
        for flag in flags
    )


def only_flags(flags: Iterable[str], allowed: tuple[str, ...], spelling: Spelling) -> bool:
    """Whether no other flags are there than these."""
    return set(flags) <= set(allowed if spelling == "posix" else _lowered(allowed))


@cache
def _lowered(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)


def _is_flag(word: str, spelling: Spelling) -> bool:
    return len(word) > 1 and (word.startswith("-") or (spelling == "windows" and word.startswith("/")))


def _flags_of(
    word: str, valued: frozenset[str], *, single_dash: bool, spelling: Spelling
) -> tuple[list[str], str | None]:
    """The flags in one word, and the value of the last of them; None where the next word is its value."""
    if spelling != "posix":
        mark = "/" if spelling == "windows" and not word.startswith("--") else ""
        name, parted, value = _parted(word, spelling)
        name = f"{mark}{name[1:]}" if mark else name
        return [name], None if name in valued and not parted else value
    if word.startswith("--") or single_dash:
        name, equals, value = word.partition("=")
        return [name], None if name in valued and not equals else value
    names: list[str] = []
    for place, letter in enumerate(word[1:], 2):
        names.append(f"-{letter}")
        if names[-1] in valued:
            return names, word[place:] or None
    return names, ""


def _parted(word: str, spelling: Spelling) -> tuple[str, str, str]:
    """``/x:value`` and ``/x=value`` apart; of a cmdlet's parameter, ``-Name:value``."""
    found = re.search(r"[:=]" if spelling == "windows" else ":", word)
    return (word[: found.start()], found[0], word[found.end() :]) if found else (word, "", "")
