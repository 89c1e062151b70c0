"""Ranges in names of hosts: ``web[01:20]``, ``db-[a:f]``, ``web[1:9:2]``."""

import re
from string import ascii_lowercase, ascii_uppercase
from typing import Final

_RANGE: Final = re.compile(r"\[([^\]:]*):([^\]:]*)(?::([^\]]*))?\]")
_MOST: Final = 10_000


def expand(name: str) -> list[str]:
    """Every name that a name with ranges stands for.

    Raises:
        ValueError: a range is off, or it stands for too many.
    """
    names = [""]
    end = 0
    for match in _RANGE.finditer(name):
        between = _between(match)
        if len(names) * len(between) > _MOST:
            raise ValueError(f"{name!r} stands for more than {_MOST:,} hosts")
        names = [f"{head}{name[end : match.start()]}{one}" for head in names for one in between]
        end = match.end()
    return [head + name[end:] for head in names]


def _between(match: re.Match[str]) -> list[str]:
    start, end, step = match[1] or "0", match[2], match[3] or "1"
    if not step.isdecimal() or not 1 <= int(step[:6]) <= _MOST:
        raise ValueError(f"{match[0]!r} is no range")
    if start.isdecimal() and end.isdecimal() and len(end) <= len(str(_MOST)) and int(start) <= int(end):
        width = len(start) if start.startswith("0") else 0
        return [str(number).zfill(width) for number in range(int(start), int(end) + 1, int(step))]
    for letters in (ascii_lowercase, ascii_uppercase):
        if len(start) == len(end) == 1 and start in letters and end in letters and start <= end:
            return list(letters[letters.index(start) : letters.index(end) + 1 : int(step)])
    raise ValueError(f"{match[0]!r} is no range")
