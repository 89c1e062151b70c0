from pathlib import Path

import pytest
import yaml

from itops.domain.instruction import Block, Instruction, Parameter
from itops.domain.script import Facts, Script
from itops.domain.target import Platform, Target
from itops.scripts import likeness
from itops.scripts.bash_reader import read_bash
from itops.scripts.scripts import Scripts

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "likeness.yaml").read_text())
HERE = Target(name="local", platform=Platform.LINUX)


def instruction(row):
    return Instruction(
        id="t",
        title="T",
        platform=Platform.LINUX,
        parameters=tuple(Parameter(name=name, type=kind) for name, kind in row.get("parameters", {}).items()),
        blocks=(Block(kind="run", language=row.get("language", "bash"), text=row["template"]),),
    )


def script(row, **changes):
    made = {"language": row.get("language", "bash"), "text": row["script"], "parameters": row.get("values", {})}
    return Script(targets=(HERE,), **{**made, **changes})


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["name"])
async def test_each_difference_is_told(row):
    assert await Scripts().differences(script(row), instruction(row)) == tuple(row["told"])


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["name"])
async def test_what_differs_is_no_instance(row):
    reader, made = Scripts(), instruction(row)
    values = row.get("values", {})
    is_instance = await reader.is_instance(row["script"], made.blocks[0], values)
    assert not (is_instance and reader.valid(made, values))


@pytest.mark.parametrize("changes", [{"language": "powershell"}, {"block": "verify"}])
async def test_where_there_is_no_such_block_nothing_is_compared(changes):
    row = CASES[0]
    assert await Scripts().differences(script(row, **changes), instruction(row)) == ()


async def test_a_template_that_lets_values_become_code_is_not_compared_with():
    row = {"template": "eval {{ a }}", "parameters": {"a": "text"}, "script": "eval x"}
    assert await Scripts().differences(script(row), instruction(row)) == ()


def test_long_commands_are_cut():
    row = {"template": "ls"}
    facts = read_bash("ls " + "x" * 300)
    (line,) = likeness.differences(facts, read_bash("ls"), instruction(row), {})
    assert len(line) < 200
    assert "..." in line
    assert likeness.differences(Facts(), read_bash("ls"), instruction(row), {}) == ()
