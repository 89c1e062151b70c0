"""What must not stand in any file of the project."""

import re

import pytest

ADDRESSES = re.compile(
    r"--(?:extra-)?index-url|--find[-]links|\"resolved\": *\"http"
    r"|https?://[^\s\"']*(?:pypi\.|pythonhosted\.|npmjs\.|deb\.debian\.|security\.debian\.)"
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError|NotImplemented)\b|^\s*pass  # ", re.MULTILINE)
HISTORY = re.compile(r"\b(?:issue|phase|milestone)\s+#?\d", re.IGNORECASE)


def lines_with(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group().strip()}"
        for name, text in texts.items()
        for match in pattern.finditer(text)
    ]


def test_no_address_of_a_registry(texts: dict[str, str]) -> None:
    assert lines_with(ADDRESSES, texts) == []


def test_nothing_unfinished(texts: dict[str, str]) -> None:
    code = {name: text for name, text in texts.items() if name.startswith(("src/", "benchmarks/", "tools/", ".ci/"))}
    code["Makefile"] = texts["Makefile"]
    assert lines_with(UNFINISHED, code) == []


def test_no_history_in_the_code(texts: dict[str, str]) -> None:
    code = {name: text for name, text in texts.items() if name.startswith(("src/", "benchmarks/"))}
    assert lines_with(HISTORY, {name: text for name, text in code.items() if name.endswith(".py")}) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (ADDRESSES, "pip install --extra-" + "index-url https://mirror"),
        (ADDRESSES, "see https://files.python" + "hosted.org/x"),
        (UNFINISHED, "x = 1  # TO" + "DO later"),
        (HISTORY, "# as phase " + "2 said"),
    ],
)
def test_it_would_be_seen(pattern: re.Pattern[str], line: str) -> None:
    assert lines_with(pattern, {"a.py": f"first\n{line}\n"})[0].startswith("a.py:2: ")
