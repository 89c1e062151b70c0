"""What the tests of the shipped instructions share: loading, rendering and request cases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from itops.domain.instruction import Block, Instruction
from itops.instructions.runbooks.runbook_loader import library_dir, load_folder
from itops.scripts.parameters import example_of
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
