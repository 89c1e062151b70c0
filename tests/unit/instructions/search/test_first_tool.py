"""The program that a run block starts with."""

import pytest

from itops.domain.instruction import Block, Instruction, Language
from itops.domain.target import Platform
from itops.instructions.search.first_tool import first_tool, is_everyday


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("df -h", "df"),
        ("sudo -n systemctl restart x", ""),
        ("sudo systemctl restart x", "systemctl"),
        ("# first\nset -e\nA=1 B=2\nLC_ALL=C du -s /var", "du"),
        ("cd /tmp && tar xf x", ""),
        ("cd /tmp\ntar xf x", "tar"),
        ("if getent passwd x; then echo y; fi", "getent"),
        ("(ps aux | sort)", "ps"),
        ("for i in 1 2; do\n  echo $i\ndone", ""),
        ("", ""),
    ],
)
def test_the_first_program_that_is_not_the_shells(text: str, tool: str) -> None:
    blocks = (Block(kind="run", language="bash", text=text),)
    assert first_tool(Instruction(id="a", title="a", platform=Platform.LINUX, blocks=blocks)) == tool


def test_other_languages_have_none() -> None:
    blocks = (Block(kind="run", language="powershell", text="Get-Disk"),)
    assert first_tool(Instruction(id="a", title="a", platform=Platform.WINDOWS, blocks=blocks)) == ""
    assert first_tool(Instruction(id="a", title="a", platform=Platform.WINDOWS)) == ""


@pytest.mark.parametrize(
    ("language", "text", "is_one"),
    [
        ("bash", "sudo tar xf x", True),
        ("bash", "# why\ncd /tmp", True),
        ("bash", "terraform plan", False),
        ("bash", "", False),
        ("powershell", "sort x", False),
    ],
)
def test_what_every_host_knows_is_everyday(language: Language, text: str, is_one: bool) -> None:
    blocks = (Block(kind="run", language=language, text=text),)
    assert is_everyday(Instruction(id="a", title="a", platform=Platform.LINUX, blocks=blocks)) is is_one


def test_prose_alone_is_not_everyday() -> None:
    assert not is_everyday(Instruction(id="a", title="a", platform=Platform.LINUX))
