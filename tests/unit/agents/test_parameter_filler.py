from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import yaml

from itops.agents.parameter_filler import fill
from itops.domain.instruction import Instruction, Parameter
from itops.domain.outcome import Exchange
from itops.domain.plan import Question
from itops.domain.target import Platform
from itops.scripts.parameters import TYPES, validate

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "agents" / "parameters.yaml").read_text(encoding="utf-8"))
USER = {"user": "user"}


def instruction(parameters: dict[str, Any], title: str = "A title") -> Instruction:
    made = [
        Parameter.model_validate({"name": name, **(spec if isinstance(spec, dict) else {"type": spec})})
        for name, spec in parameters.items()
    ]
    return Instruction(id="x", title=title, platform=Platform.LINUX, parameters=tuple(made))


def said(*answers: str) -> tuple[Exchange, ...]:
    return tuple(Exchange(question=Question(text="?", parameter="user"), answer=answer) for answer in answers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["words"])
def test_words_bring_values(case: dict[str, Any]) -> None:
    filled = fill(instruction(case["parameters"], case["title"]), case["words"])
    assert filled.values == case.get("values", {})
    assert [parameter.name for parameter in filled.missing] == case.get("missing", [])
    assert [invalid.parameter.name for invalid in filled.invalid] == case.get("invalid", [])


def test_what_is_known_goes_before_words() -> None:
    assert fill(instruction(USER), "unlock user bob", {"user": "alice"}).values == {"user": "alice"}


@pytest.mark.parametrize("answer", ["alice", " alice ", "'alice'", "user alice", "the user is called alice"])
def test_an_answer_brings_the_value(answer: str) -> None:
    assert fill(instruction(USER), "unlock", exchanges=said(answer)).values == {"user": "alice"}


def test_the_last_answer_counts() -> None:
    assert fill(instruction(USER), "unlock", exchanges=said("Bob B.", "bob")).values == {"user": "bob"}


def test_an_answer_that_fails_is_invalid_with_the_reason() -> None:
    filled = fill(instruction(USER), "unlock", exchanges=said("$(reboot)"))
    assert filled.values == {}
    assert filled.invalid[0].value == "$(reboot)"
    assert "user" in filled.invalid[0].error.what


def test_a_word_is_used_once() -> None:
    two = {"source": {"type": "path"}, "target": {"type": "path"}}
    filled = fill(instruction(two), "move /a")
    assert filled.values == {"source": "/a"}
    assert [parameter.name for parameter in filled.missing] == ["target"]


def test_a_word_of_the_instruction_is_no_value() -> None:
    made = instruction(USER, "Reset the password of somebody").model_copy(update={"phrases": ("forgotten password",)})
    assert fill(made, "the user forgotten").values == {}


@hypothesis.given(st.text(max_size=80), st.sampled_from(sorted(TYPES)))
def test_every_value_passes_its_pattern(words: str, kind: str) -> None:
    made = instruction({"x": {"type": kind, "phrases": ["for {}", "{} please"]}})
    for text in (words, f"do it for {words}", f"{words} please"):
        for value in fill(made, text).values.values():
            assert validate(made.parameters[0], value) == value


@pytest.mark.timeout(60)
@pytest.mark.parametrize("words", ["5 " * 8000, "1:" * 8000, "/a " * 5000, "a, " * 5000])
def test_a_long_request_is_read_in_a_moment(words: str) -> None:
    kinds = ("path", "host", "port", "count", "size", "user", "text")
    filled = fill(instruction({kind: {"type": kind, "phrases": ["for {}"]} for kind in kinds}), words)
    assert len(filled.values) + len(filled.missing) + len(filled.invalid) == len(kinds)
