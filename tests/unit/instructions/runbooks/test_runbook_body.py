"""Fences that run, verify or roll back are blocks; everything else is prose."""

import pytest

from itops.domain.instruction import Block
from itops.errors import InvalidInstruction
from itops.instructions.runbooks.runbook_body import Body, read_body, write_block


def read(text: str) -> Body:
    return read_body(text.split("\n"), origin="a.md", first_line=10)


def test_blocks_and_prose() -> None:
    body = read("Before.\n\n```bash run\nuptime\n\nw\n```\n\nBetween.\n```\nsample\n```\n~~~bash verify\ntrue\n~~~")
    assert [(found.block.kind, found.block.text, found.line) for found in body.blocks] == [
        ("run", "uptime\n\nw", 13),
        ("verify", "true", 23),
    ]
    assert body.prose == "Before.\n\nBetween.\n```\nsample\n```"


@pytest.mark.parametrize("words", ["", "text", "bash", "python", "python example", "json {a}"])
def test_other_fences_are_prose(words: str) -> None:
    body = read(f"```{words}\nx\n```")
    assert body.blocks == ()
    assert body.prose == f"```{words}\nx\n```"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("\n```bash run\nuptime", 11, "this fence is never closed"),
        ("```bash rum\nx\n```", 10, "unknown kind of block 'rum'"),
        ("```python run\nx\n```", 10, "unknown language 'python'"),
        ("```bash run\nx\n```\n```bash run\ny\n```", 13, "a second run block"),
    ],
)
def test_what_is_off_is_named_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(InvalidInstruction) as caught:
        read(text)
    assert caught.value.what.startswith(f"a.md, line {line}: {what}")


def test_a_block_that_holds_a_fence_comes_back() -> None:
    block = Block(kind="run", language="bash", text="cat <<E\n```\nx\n```\nE")
    assert [found.block for found in read(write_block(block)).blocks] == [block]
