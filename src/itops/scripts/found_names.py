"""Names of files that one program finds and another, behind a pipe and xargs, is given as words."""

from collections.abc import Mapping, Sequence
from typing import Final

from itops.domain.script import Command

_OTHER_OUTPUT: Final = frozenset({"-printf", "-fprintf", "-ls", "-exec", "-execdir", "-ok", "-okdir", "-files0-from"})
# Filters, with the letters of options by which they print something else than whole lines of their input.
_PASSING: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("grep", "egrep", "fgrep"), frozenset("oncHTbLlZrRf")),
    **dict.fromkeys(("head", "tail"), frozenset("cvfF")),
    "sort": frozenset("oTm"),
    "uniq": frozenset("cDz"),
}


def found_names(feeders: Sequence[Command]) -> str:
    """A pattern of the file names that a pipe of plain commands prints, one a line; empty where it may print others."""
    if not feeders or any(one.dynamic or (one.fed_by and one is feeders[0]) for one in feeders):
        return ""
    first, *rest = feeders
    if not all(one.program in _PASSING and not one.reads and _passes(one) for one in rest):
        return ""
    if first.program == "find" and not _OTHER_OUTPUT.intersection(first.argv):
        return pattern_of(first.argv)
    return "./*" if first.argv[:2] == ("git", "ls-files") and all(".." not in word for word in first.argv[2:]) else ""


def pattern_of(argv: Sequence[str]) -> str:
    """A pattern of what ``find`` finds; empty where it starts at more than one place."""
    starts: list[str] = []
    for word in argv[1:]:
        if word.startswith(("-", "(", "!")):
            break
        starts.append(word)
    if len(starts) > 1 or any(word in {"-H", "-L", "-P"} for word in argv[1:3]):
        return ""
    folder = starts[0].rstrip("/") if starts else "."
    names = [argv[at + 1] for at, word in enumerate(argv[:-1]) if word == "-name"]
    either = any(word in {"-o", "-or", ",", "!", "-not"} for word in argv)
    name = names[0] if len(names) == 1 and not either else "*"
    return f"{folder}/{name}" if name.startswith("*") else f"{folder}/*{name}"


def _passes(command: Command) -> bool:
    """Whether a filter prints some of the lines it gets, unchanged: no file of its own, no numbers or names before."""
    words = command.argv[1:]
    flags = "".join(word[1:] for word in words if word.startswith("-") and not word.startswith("--"))
    operands = [word for word in words if not word.startswith("-")]
    own = 1 if "grep" in command.program or "n" in flags else 0
    plain = len(operands) <= own and not any(word.startswith("--") for word in words)
    return plain and not _PASSING[command.program].intersection(flags)
