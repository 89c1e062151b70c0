"""What is well-formed but not yet good in an instruction."""

from collections.abc import Iterator
from typing import Final

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.parameters import example_of, validate
from itops.scripts.template_check import PLACEHOLDER, check_template

_CHANGING: Final = (Effect.CHANGE, Effect.DESTROY, Effect.UNKNOWN)


def lint(instruction: Instruction) -> list[str]:
    """What should be mended before publishing; empty where nothing is to say."""
    return [*_placeholders(instruction), *_templates(instruction), *_examples(instruction), *_verification(instruction)]


def _placeholders(instruction: Instruction) -> Iterator[str]:
    declared = {parameter.name for parameter in instruction.parameters}
    used = {name for block in instruction.blocks for name in PLACEHOLDER.findall(block.text)}
    for name in sorted(used - declared):
        yield f"{{{{ {name} }}}} is used but not declared under parameters."
    for name in sorted(declared - used if instruction.blocks else ()):
        yield f"The parameter {name} is declared but never used."


def _templates(instruction: Instruction) -> Iterator[str]:
    for block in instruction.blocks:
        try:
            check_template(block.text, block.language)
        except InvalidInstruction as error:
            yield f"The {block.kind} block: {error.what} {error.mend}"


def _examples(instruction: Instruction) -> Iterator[str]:
    for parameter in instruction.parameters:
        if not parameter.description:
            yield f"The parameter {parameter.name} has no description."
        for noun, value in (("example", example_of(parameter)), ("default", parameter.default)):
            try:
                if value is not None:
                    validate(parameter, value)
            except InvalidParameter as error:
                yield f"The {noun} of {parameter.name}: {error.what}"


def _verification(instruction: Instruction) -> Iterator[str]:
    if instruction.effect in _CHANGING and instruction.block("run") and not instruction.block("verify"):
        yield f"No verify block shows that its {instruction.effect.value} worked."
