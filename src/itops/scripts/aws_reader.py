"""AWS: text → facts. One command of the AWS CLI a line; what can't be read for certain is a problem."""

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.scripts.aws_call import read_call
from itops.scripts.aws_words import AwsWords, Line
from itops.scripts.lexical_gate import gate

PROGRAM = "aws"


def read_aws(text: str) -> Facts:
    """What an ``aws`` block would call, by its words alone; nothing of it is executed."""
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
