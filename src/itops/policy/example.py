"""Examples in policy files: one simple command each, in words that a shell would split the same way."""

import shlex

from itops.domain.effect import Effect
from itops.domain.script import Command


def command_of(example: str) -> Command:
    """The command an example stands for.

    ``> FILE`` writes a file, ``< FILE`` reads one, and ``A | B`` is B fed by A; each mark stands alone.
    """
    *feeders, last = _split(shlex.split(example), "|")
    words, writes, reads = [], [], []
    tokens = iter(last)
    for token in tokens:
        if token in {">", ">>"}:
            writes.append(next(tokens, ""))
        elif token == "<":
            reads.append(next(tokens, ""))
        else:
            words.append(token)
    return Command(
        program=words[0].rpartition("/")[2] if words else "",
        argv=tuple(words),
        effect=Effect.CHANGE if writes else Effect.UNKNOWN,
        dynamic=any("$" in word or "`" in word for word in words),
        writes=tuple(writes),
        reads=tuple(reads),
        fed_by=tuple(feeder[0] for feeder in feeders if feeder),
    )


def _split(tokens: list[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
