"""Examples in policy files: one simple command each, in words that a shell would split the same way."""

import shlex

from itops.domain.effect import Effect
from itops.domain.script import Command


def command_of(example: str) -> Command:
    """The command an example stands for.

    ``> FILE`` writes a file, ``< FILE`` reads one, and ``A | B`` is B fed by A; each mark stands alone. All
    words are literal, whatever characters they hold.
    """
    *feeders, last = _split(shlex.split(example), "|")
    words, writes, reads = [], [], []
    rest = iter(last)
    for word in rest:
        if word in {">", ">>"}:
            writes.append(next(rest, ""))
        elif word == "<":
            reads.append(next(rest, ""))
        else:
            words.append(word)
    return Command(
        program=words[0].rpartition("/")[2] if words else "",
        argv=tuple(words),
        effect=Effect.CHANGE if writes else Effect.UNKNOWN,
        writes=tuple(writes),
        reads=tuple(reads),
        fed_by=tuple(feeder[0] for feeder in feeders if feeder),
    )


def _split(tokens: list[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for part in tokens:
        if part == mark:
            parts.append([])
        else:
            parts[-1].append(part)
    return parts
