from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.domain.effect import Effect
from itops.scripts import bash_reader
from itops.scripts.bash_reader import read_bash
from itops.scripts.findings import DEPTH_LIMIT, TEXT_LIMIT

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "bash_shapes.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_the_true_words_of_every_command_or_a_problem(case):
    facts = read_bash(case["text"])
    if "argv" in case:
        assert [list(command.argv) for command in facts.commands] == case["argv"]
    else:
        assert [command.program for command in facts.commands] == case["programs"]
    assert bool(facts.problems) == case.get("problem", False), facts.problems
    assert [path for command in facts.commands for path in command.writes] == case.get("writes", [])


@given(st.one_of(st.text(max_size=200), st.text(alphabet="abx $(){}[]<>|&;'\"`\\\n=#!*?~-/0", max_size=60)))
@settings(max_examples=150)
def test_no_text_crashes_it(text):
    facts = read_bash(text)
    assert facts.commands or facts.problems or facts.effect is Effect.READ


@pytest.mark.parametrize("case", [case for case in CASES if len(case["text"]) < 80], ids=lambda case: case["text"])
def test_no_cut_text_crashes_it(case):
    text = case["text"]
    for end in range(0, len(text), 7):
        read_bash(text[:end])


@pytest.mark.parametrize(
    "text", ["$(" * 3000, "(" * 8000, "{ " * 5000, "a(" * 5000, "[[ " * 4000, "`" * 9999, "! " * 5000]
)
def test_deep_nesting_is_a_problem_and_no_crash(text):
    assert read_bash(text).problems


def test_texts_within_texts_end_somewhere():
    deep = "ls"
    for _ in range(DEPTH_LIMIT + 3):
        deep = f"sudo {deep}"
    assert any("nested" in problem for problem in read_bash(deep).problems)
    assert any("nested" in problem for problem in read_bash("sh -c ls\n" * (TEXT_LIMIT + 1)).problems)


def test_a_tree_too_deep_for_python_is_a_problem(monkeypatch):
    def deep(_text):
        raise RecursionError

    monkeypatch.setattr(bash_reader, "parse", deep)
    assert read_bash("ls").problems == ("it can't be read: it is nested too deeply",)
