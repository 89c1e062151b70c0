from pathlib import Path

import pytest
import yaml

from itops.scripts.words import Word
from itops.scripts.wrappers import unwrap

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "wrappers.yaml").read_text())


def words(*texts):
    return tuple(Word(text) for text in texts)


@pytest.mark.parametrize("case", CASES, ids=[" ".join(case["words"]) for case in CASES])
def test_what_a_wrapper_runs(case):
    found = unwrap(case["words"][0], words(*case["words"]))
    assert [[word.text for word in call] for call in found.calls] == case.get("calls", [])
    assert list(found.scripts) == case.get("scripts", [])
    assert [list(pair) for pair in found.sets] == case.get("sets", [])
    assert bool(found.problem) == case.get("problem", False)
    assert found.keep == case.get("own", False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["timeout"], ["ls"]),
        (["bash", "-c"], []),
        (["eval"], []),
        (["su", "-c"], []),
        (["su"], []),
        (["watch"], []),
        (["flock"], ["ls"]),
        (["trap"], []),
        (["parallel"], []),
    ],
)
def test_what_is_only_known_at_run_time_is_a_problem(before, after):
    dynamic = Word("$x", dynamic=True)
    found = unwrap(before[0], (*words(*before), dynamic, *words(*after)))
    assert found.problem


@pytest.mark.parametrize("program", ["ls", "rm", "mosh"])
def test_other_programs_run_nothing_that_is_known(program):
    assert unwrap(program, words(program, "x")) is None
