"""What the tests of every platform's shipped instructions share: loading, request cases, and the guide's demands."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction
from itops.instructions.runbooks.runbook_loader import library_dir, lint_all, load_folder
from itops.scripts.parameters import example_of, pattern_of, validate
from itops.scripts.renderer import placeholders, render

REQUESTS = Path(__file__).parents[1] / "cases" / "requests"


def load(platform: str) -> dict[str, Instruction]:
    """The platform's instructions by their ids."""
    return {instruction.id: instruction for instruction in load_folder(library_dir() / platform).instructions}


def requests(name: str) -> list[dict[str, Any]]:
    """The request cases of one file."""
    rows: list[dict[str, Any]] = yaml.safe_load((REQUESTS / name).read_text(encoding="utf-8"))
    return rows


def words_of(row: dict[str, Any]) -> str:
    """The name of a request case in the report of the tests."""
    return str(row["words"])


def parts(row: dict[str, Any]) -> list[dict[str, Any]]:
    """What a request asks for, in order: its parts, or itself."""
    return list(row.get("parts", [row]))


def examples(instruction: Instruction) -> dict[str, str]:
    """An example value for every parameter."""
    return {parameter.name: example_of(parameter) for parameter in instruction.parameters}


def rendered(block: Block, values: Mapping[str, object]) -> str:
    """The block with the values that it asks for."""
    return render(block.text, block.language, {name: str(values[name]) for name in placeholders(block.text)})


def check_folder(platform: str, *, at_least: int) -> None:
    """Every file loads, is named after its id, and is not complained about."""
    report = load_folder(library_dir() / platform)
    complaints = lint_all(report.instructions)
    assert report.problems == (), report.problems
    assert complaints == {}, complaints
    assert len(report.instructions) >= at_least, len(report.instructions)
    names = {f"{platform}.{path.stem}" for path in (library_dir() / platform).glob("*.md")}
    ids = {each.id for each in report.instructions}
    assert names == ids, names ^ ids


def check_words(instruction: Instruction) -> None:
    """It has prose, enough phrases, and a verify block unless it only reads."""
    assert instruction.prose
    assert 3 <= len(set(instruction.phrases)) == len(instruction.phrases) <= 8, instruction.phrases
    blocks = {block.kind for block in instruction.blocks}
    reads = instruction.effect is Effect.READ
    assert blocks == {"run"} if reads else blocks >= {"run", "verify"}, blocks


def check_values(instruction: Instruction) -> None:
    """No value can be taken for an option, and every way to say one has a place for it."""
    for parameter in instruction.parameters:
        for value in ("-", "-x", "--help"):
            assert not pattern_of(parameter).fullmatch(value), (parameter.name, value)
        assert all("{}" in phrase for phrase in parameter.phrases), parameter.phrases


def check_rendering(instruction: Instruction) -> None:
    """Every block can be rendered with the example values."""
    for block in instruction.blocks:
        text = rendered(block, examples(instruction))
        assert "{{" not in text, text


def check_request(row: dict[str, Any], library: Mapping[str, Instruction]) -> None:
    """A request brings valid values for all that its instruction needs, in words of its own."""
    for part in parts(row):
        instruction = library[part["instruction"]]
        known = {parameter.name: parameter for parameter in instruction.parameters}
        for name, value in part["parameters"].items():
            assert validate(known[name], value) == value
        needed = {parameter.name for parameter in instruction.parameters if parameter.default is None}
        assert needed <= set(part["parameters"]), needed
        assert words_of(row).lower() not in instruction.phrases, row["words"]


def check_coverage(rows: list[dict[str, Any]], ids: Iterable[str], *, at_least: int) -> None:
    """The requests are many, each stands once, and together they ask for every instruction."""
    assert len(rows) >= at_least, len(rows)
    again = [words for words, times in Counter(words_of(row) for row in rows).items() if times > 1]
    assert again == [], again
    asked = {part["instruction"] for row in rows for part in parts(row)}
    assert asked == set(ids), asked ^ set(ids)
