"""Conformance: is this script exactly an instruction's template with these values?"""

from collections.abc import Mapping

from itops.domain.instruction import Block
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.aws_reader import read_aws_calls
from itops.scripts.powershell_syntax import same_powershell
from itops.scripts.renderer import render
from itops.scripts.shfmt import Unparsable, parse, shape


def is_instance(text: str, block: Block, values: Mapping[str, str]) -> bool:
    """Whether the text means exactly what the block rendered with the values means.

    Bash and PowerShell are compared by parse tree and AWS by the words of its calls, so layout and comments may
    differ.
    """
    try:
        rendered = render(block.text, block.language, values)
    except (InvalidInstruction, InvalidParameter):
        return False
    if text.strip() == rendered.strip():
        return True
    if block.language == "aws":
        return _aws_calls(text) is not None and _aws_calls(text) == _aws_calls(rendered)
    if block.language == "powershell":
        return same_powershell(text, rendered)
    try:
        return shape(parse(text)) == shape(parse(rendered))
    except (Unparsable, RecursionError):
        return False


def _aws_calls(text: str) -> tuple[tuple[str, ...], ...] | None:
    """The words of each call, in order; none where the text can't be read for certain."""
    facts = read_aws_calls(text)
    return None if facts.problems else tuple(command.argv for command in facts.commands)
