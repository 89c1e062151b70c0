"""What can be said about an ``aws`` block without the models of AWS: its shape, its region, no secret in sight."""

import itertools
import re
import shlex
from collections.abc import Iterator
from typing import Final

from itops.scripts.template_check import PLACEHOLDER

_STAND_IN: Final = "Value"
_QUOTED: Final = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.")
_OPERATOR: Final = re.compile(r"[|&;<>()]")
_EXPANSION: Final = re.compile(r"(?<!\\)(?:\$[({\w]|`)")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_GLOBAL: Final = frozenset(
    {"account", "budgets", "ce", "cloudfront", "iam", "organizations", "route53", "s3", "s3api", "sts"}
)
_UNWANTED: Final = {
    "--endpoint-url": "sends the request, signed, to a place that is not AWS",
    "--no-verify-ssl": "trusts whoever answers",
    "--no-cli-pager": "is unknown to version 1 of the AWS CLI, and no pager starts without a terminal",
    "--profile": "chooses an account, which the target does",
}
_SECRET: Final = re.compile(
    r"--(?:[a-z]+-)*(?:password|passphrase|secret|secret-string|secret-binary|secret-access-key|auth-token|private-key"
    r"|plaintext)"
)


def aws_findings(text: str) -> list[str]:
    """What should be mended in an ``aws`` block, each with its line; empty where nothing is to say."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        return ["The block has no command."]
    return [f"Line {number}: {finding}" for number, line in lines for finding in _line(line)]


def _line(line: str) -> Iterator[str]:
    line = PLACEHOLDER.sub(_STAND_IN, line)
    try:
        words = shlex.split(line)
    except ValueError:
        yield "a quote is not closed, or the line goes on in the next; write one command a line."
        return
    if words[:1] != ["aws"]:
        yield "does not begin with `aws `; each line is one command of the AWS CLI."
        return
    if shell := list(_shell(line)):
        yield from shell
        return
    if [bool(_NAME.fullmatch(word)) for word in words[1:3]] != [True, True]:
        yield "name the service and the operation right after `aws`."
        return
    yield from _region(words)
    yield from _options(words[3:])


def _shell(line: str) -> Iterator[str]:
    """No shell reads the block, so what means something to one alone would be passed on as it stands."""
    operator = _OPERATOR.search(_QUOTED.sub("", line))
    if operator:
        yield f"`{operator[0]}` outside quotes means something to a shell alone; quote it, or write a bash block."
    expansion = _EXPANSION.search(_QUOTED.sub(lambda found: found[0] if found[0].startswith('"') else "", line))
    if expansion:
        yield f"`{expansion[0]}` is not expanded here; put it in single quotes, or write a bash block."


def _region(words: list[str]) -> Iterator[str]:
    if words[1] not in _GLOBAL and not any(word.partition("=")[0] == "--region" for word in words):
        yield f"{words[1]} is regional: say `--region {{{{ region }}}}`."


def _options(words: list[str]) -> Iterator[str]:
    for word, after in itertools.pairwise([*words, ""]):
        option, _, joined = word.partition("=")
        value = joined or after
        for unwanted, harm in _UNWANTED.items():
            if len(option) > len("--") and unwanted.startswith(option):  # the AWS CLI takes abbreviations
                yield f"{unwanted} {harm}."
        given = bool(value) and not value.startswith(("--", "file://"))
        if given and (_SECRET.fullmatch(option) or (option == "--value" and "SecureString" in words)):
            yield f"{option} would show a secret to every process; let a bash block read it from standard input."
