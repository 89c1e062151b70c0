"""What is well-formed but not yet good in an instruction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction
from itops.errors import InvalidInstruction, InvalidParameter
from itops.instructions.runbooks.aws_lint import aws_findings
from itops.instructions.runbooks.powershell_lint import powershell_findings
from itops.instructions.runbooks.shell_lint import MISSING, BashBlock, shell_findings
from itops.scripts.parameters import example_of, validate
from itops.scripts.renderer import placeholders, render
from itops.scripts.template_check import PLACEHOLDER, check_template

_LINTERS: Final[Mapping[str, Callable[[str], list[str]]]] = {"aws": aws_findings, "powershell": powershell_findings}
_CHANGING: Final = (Effect.CHANGE, Effect.DESTROY, Effect.UNKNOWN)


def lint(instruction: Instruction) -> list[str]:
    """What should be mended before publishing; empty where nothing is to say."""
    return [finding for findings in lint_all((instruction,)).values() for finding in findings]


def lint_all(instructions: Iterable[Instruction]) -> dict[str, list[str]]:
    """What should be mended, by the instruction's id; ids with nothing to mend are left out.

    A check that could not be made stands once, under the name of the program that is missing for it.
    """
    findings: dict[str, list[str]] = {}
    bash: list[tuple[str, BashBlock]] = []
    for instruction in instructions:
        findings[instruction.id] = list(_own_findings(instruction))
        for block, text in _with_examples(instruction):
            if block.language == "bash":
                bash.append((instruction.id, (block.kind, text)))
            else:
                said = _LINTERS[block.language](text)
                findings[instruction.id] += [f"The {block.kind} block: {finding}" for finding in said]
    told = shell_findings([block for _, block in bash])
    if told is None:
        return {"shellcheck": [MISSING]} | _with_entries(findings)
    for (name, _), comments in zip(bash, told, strict=True):
        findings[name] += comments
    return _with_entries(findings)


def _with_entries(findings: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: found for name, found in findings.items() if found}


def _own_findings(instruction: Instruction) -> Iterator[str]:
    yield from _placeholders(instruction)
    yield from _templates(instruction)
    yield from _parameters(instruction)
    yield from _examples(instruction)
    yield from _verification(instruction)


def _with_examples(instruction: Instruction) -> Iterator[tuple[Block, str]]:
    """Each block with an example in the place of every placeholder; those where that can't be are left out."""
    examples = {parameter.name: example_of(parameter) for parameter in instruction.parameters}
    for block in instruction.blocks:
        with suppress(InvalidInstruction, InvalidParameter, KeyError):
            names = placeholders(block.text)
            yield block, render(block.text, block.language, {name: examples[name] for name in names})


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


def _parameters(instruction: Instruction) -> Iterator[str]:
    types = Counter(parameter.type for parameter in instruction.parameters)
    for parameter in instruction.parameters:
        if types[parameter.type] > 1 and not parameter.phrases:
            yield f"The parameter {parameter.name} is not the only {parameter.type}: say in `phrases` how it is told."


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
