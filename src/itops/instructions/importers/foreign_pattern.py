"""Other people's regular expressions: whether one can be used here without ever running away."""

import re
from typing import Final

_LONGEST: Final = 1000
_MOST_OPEN_ENDS: Final = 4
_TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(|\)|\||(?:[*+]|\{\d*,?\d*\})[?+]?|.", re.DOTALL)


def fault(pattern: str) -> str:
    """Why a pattern is not taken; empty where it is."""
    if len(pattern) > _LONGEST:
        return "it is too long"
    if _runs_away(pattern):
        return "a value that does not fit could keep it busy for ever"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is no regular expression here ({error})"
    return ""


def _runs_away(pattern: str) -> bool:
    """Whether it repeats what itself repeats or chooses, or has many open ends: both can take for ever to fail."""
    parts: list[str] = _TOKEN.findall(pattern)
    rich = [False]  # for each open group: does it hold a repetition or a choice?
    open_ends = 0
    for number, part in enumerate(parts):
        repeated = _repeats(parts[number + 1] if number + 1 < len(parts) else "")
        if part == "(":
            rich.append(False)
        elif part == ")" and len(rich) > 1:
            inner = rich.pop()
            if inner and repeated:
                return True
            rich[-1] = rich[-1] or inner
        elif part == "|" or _repeats(part):
            rich[-1] = True
            open_ends += part[0] in "*+" or ",}" in part
    return open_ends > _MOST_OPEN_ENDS


def _repeats(part: str) -> bool:
    return (len(part) > 1 and part[0] in "*+{") or part in {"*", "+"}
