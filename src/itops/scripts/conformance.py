"""Conformance: is this script exactly an instruction's template with these values?"""

from collections.abc import Mapping

from itops.domain.instruction import Block
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.renderer import render
from itops.scripts.shfmt import Unparsable, parse, shape


def is_instance(text: str, block: Block, values: Mapping[str, str]) -> bool:
    """Whether the text means exactly what the block rendered with the values means.

    Bash is compared by parse tree, so layout and comments may differ; the other languages by text.
    """
    try:
        rendered = render(block.text, block.language, values)
    except (InvalidInstruction, InvalidParameter):
        return False
    if text.strip() == rendered.strip():
        return True
    if block.language != "bash":
        return False
    try:
        return shape(parse(text)) == shape(parse(rendered))
    except (Unparsable, RecursionError):
        return False
