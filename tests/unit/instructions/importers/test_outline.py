import time

import pytest

from itops.errors import InvalidInstruction
from itops.instructions.importers.outline import MOST_SECTIONS, Section, outline


def titles(section: Section) -> list[tuple[str, ...]]:
    return [one.path for one in section.walk()]


def test_headings_nest() -> None:
    root = outline("intro\n\n# A\n\n## B\n\n### C\n\n## D\n\nE\n=\n", origin="x")
    assert titles(root) == [(), ("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",)]
    assert [(one.start, one.body, one.end) for one in root.walk()][:3] == [(0, 0, 2), (2, 3, 4), (4, 5, 6)]
    assert root.last == 13


def test_a_heading_in_code_or_in_a_quote_is_none() -> None:
    root = outline("```\n# a\n```\n> # b\n\n- # c\n", origin="x")
    assert root.children == []


def test_fences_know_their_step() -> None:
    text = (
        "1. one\n\n   ```bash\n   a\n   ```\n2. two\n   - ```bash\n     b\n     ```\n3. three\n\n```bash\nc\n```\n\n"
        "text\n\n```bash\nd\n```\n\n1. again\n   ```bash\n   e\n   ```\n"
    )
    assert [(fence.text, fence.step) for fence in outline(text, origin="x").fences] == [
        ("a\n", (1, 1)),
        ("b\n", (1, 2)),
        ("c\n", (1, 3)),
        ("d\n", None),
        ("e\n", (2, 1)),
    ]


def test_a_quoted_fence_is_not_the_author_s() -> None:
    assert outline("> ```bash\n> rm x\n> ```\n", origin="x").fences == []


def test_an_open_fence_ends_with_the_document() -> None:
    fence = outline("```bash\nuptime", origin="x").fences[0]
    assert (fence.text, fence.end) == ("uptime", 2)


def test_thousands_of_headings_are_refused() -> None:
    with pytest.raises(InvalidInstruction, match=rf"x, line {MOST_SECTIONS + 1}: it has more than {MOST_SECTIONS}"):
        outline("# a\n" * (MOST_SECTIONS + 1), origin="x")


@pytest.mark.parametrize("unit", ["> ", "- ", "1. ", "[", "`", "*a ", "<", "\t", "[a]: b\n", "```\n", "| "])
def test_hostile_nesting_ends(unit: str) -> None:
    before = time.monotonic()
    outline(unit * 20_000, origin="x")
    assert time.monotonic() - before < 60
