"""AWS: text → facts. One command of the AWS CLI a line; what can't be read for certain is a problem.

Calls whose answers only go through text filters, or that a loop makes for each of some words, are read as bash.
"""

import re
from typing import Final

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.scripts.aws_call import read_call
from itops.scripts.aws_words import AwsWords, Line
from itops.scripts.bash_reader import read_bash
from itops.scripts.lexical_gate import gate

PROGRAM: Final = "aws"
_FILTER_NAMES: Final = "awk column cut echo egrep fold grep head jq nl paste printf rev sed sort tac tail tr uniq wc"
_FILTERS: Final = frozenset(_FILTER_NAMES.split())
_LOOP: Final = re.compile(r"\s*for\s+\w+\s+in\s")


def read_aws(text: str) -> Facts:
    """What an ``aws`` block would call, by its words alone; nothing of it is executed."""
    facts = read_aws_calls(text)
    return (_with_filters(text) or facts) if facts.problems else facts


def _with_filters(text: str) -> Facts | None:
    """The facts as bash reads the text; none where it does more than call AWS, filter what it answers, and loop."""
    if gate(text) or not ("|" in text or "&&" in text or _LOOP.match(text)):
        return None
    facts = read_bash(text)
    programs = {command.program for command in facts.commands}
    plain = not any(command.writes or command.reads or command.wrappers for command in facts.commands)
    if facts.problems or not plain or PROGRAM not in programs or not programs <= {PROGRAM, *_FILTERS}:
        return None
    return with_impossible(facts)


def read_aws_calls(text: str) -> Facts:
    """What a block of calls alone makes, one a line; whatever else stands in it is a problem."""
    closed = gate(text)
    if closed:
        return Facts(problems=tuple(f"it can't be read: {reason}" for reason in closed))
    words = AwsWords(text)
    words.split()
    problems = dict(words.problems)
    for line in words.lines:
        if line.words[0] != PROGRAM:
            problems[f"a line does not begin with `{PROGRAM} `: {line.words[0][:40]}"] = None
    commands = tuple(_command(line) for line in words.lines)
    return with_impossible(Facts(commands=commands, problems=tuple(problems)))


def with_impossible(facts: Facts) -> Facts:
    """The facts with why the AWS CLI would refuse calls that stand among the commands."""
    calls = [command for command in facts.commands if command.program == PROGRAM]
    found = [
        f"`{' '.join(call.argv)[:120]}`: {why}"
        for call in calls
        for why in read_call(call.argv, dynamic=call.dynamic).impossible
    ]
    return facts.model_copy(update={"impossible": tuple(dict.fromkeys(found))}) if found else facts


def _command(line: Line) -> Command:
    return Command(program=line.words[0], argv=tuple(line.words), effect=Effect.UNKNOWN, dynamic=line.dynamic)
