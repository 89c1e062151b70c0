import json

import pytest

from itops.errors import InvalidInstruction
from itops.instructions.importers.jupyter import create


def notebook(*cells: tuple[str, str], kernel: str = "python") -> str:
    made = [{"cell_type": kind, "source": text.splitlines(keepends=True), "outputs": []} for kind, text in cells]
    return json.dumps({"nbformat": 4, "metadata": {"kernelspec": {"language": kernel}}, "cells": made})


def read(source, text: str):
    return list(create().read(source(text, "free-disk.ipynb")))


@pytest.mark.parametrize(
    ("cell", "kernel", "language", "command"),
    [
        ("%%bash\ndf -h\n", "python", "bash", "df -h"),
        ("%%script bash -e\ndf -h\n", "python", "bash", "df -h"),
        ("%%pwsh\nGet-Date\n", "python", "powershell", "Get-Date"),
        ("# look\n!df -h\n! du -s /var", "python", "bash", "# look\ndf -h\ndu -s /var"),
        ("df -h", "bash", "bash", "df -h"),
    ],
)
def test_cells_that_run_a_shell_are_commands(source, cell: str, kernel: str, language: str, command: str) -> None:
    (found,) = read(source, notebook(("markdown", "# Free disk\n\nLook first."), ("code", cell), kernel=kernel))
    assert found.instruction.title == "Free disk"
    assert "Look first." in found.instruction.prose
    assert (found.instruction.blocks[0].language, found.instruction.blocks[0].text) == (language, command)


def test_python_stays_prose(source) -> None:
    (found,) = read(source, notebook(("code", "import os\nx = !ls\n"), ("raw", "raw")))
    assert found.instruction.blocks == ()
    assert "```python\nimport os" in found.instruction.prose
    assert found.left == ("1 cells in python stay prose", "a block in `python` stays prose")


def test_sections_are_instructions(source) -> None:
    text = notebook(("markdown", "# D\n\n## A"), ("code", "!ls <path>"), ("markdown", "## B"), ("code", "!id <user>"))
    assert [one.instruction.title for one in read(source, text)] == ["D › A", "D › B"]  # noqa: RUF001 - a title path


def test_what_cells_printed_is_not_taken(source) -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": "!w", "outputs": [{"text": "output-x"}]}]})
    (found,) = read(source, text)
    assert "output-x" not in found.instruction.prose
    assert found.left == ("1 cells have printed something; that was not taken",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{\n", "line 2: it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "no notebook"),
        ('{"cells": 3}', "no notebook"),
    ],
)
def test_what_is_no_notebook(source, text: str, told: str) -> None:
    with pytest.raises(InvalidInstruction, match=told):
        read(source, text)


@pytest.mark.parametrize("cells", ['[1, null, {"source": 3}, {"cell_type": "code", "source": {"a": 1}}]', "[]"])
def test_odd_cells_break_nothing(source, cells: str) -> None:
    read(source, f'{{"cells": {cells}, "metadata": 7}}')


def test_a_notebook_of_more_text_than_people_read_is_refused(source) -> None:
    with pytest.raises(InvalidInstruction, match="more than 1 MiB"):
        read(source, notebook(("markdown", "x" * 1024 * 1025)))
