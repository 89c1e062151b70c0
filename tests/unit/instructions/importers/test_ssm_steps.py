import json
import re
from pathlib import Path

import pytest
import yaml

from itops.instructions.importers.importer import Source
from itops.instructions.importers.ssm_steps import Declared, read_step
from itops.instructions.importers.yaml_reader import read_tree

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "importers" / "ssm_steps.yaml").read_text())
NAMES = {"Id": "String", "Ids": "StringList", "On": "Boolean", "Empty": "String"}
DECLARED = Declared({name: name for name in NAMES}, NAMES, frozenset({"Empty"}))


def steps(step):
    node = read_tree(Source(Path("/in/a.json"), Path("/in"), json.dumps(step).encode(), "x"))
    return read_step(node.mapping(), DECLARED)


@pytest.mark.parametrize(("step", "lines"), [(case["step"], case["is"]) for case in CASES["taken"]])
def test_a_step_is_a_command(step, lines):
    assert [found.template.text for found in steps(step)] == lines


@pytest.mark.parametrize(("step", "why"), [(case["step"], case["why"]) for case in CASES["left"]])
def test_a_step_that_is_no_command_is_left_with_the_reason(step, why):
    (found,) = steps(step)
    assert found.template is None
    assert re.search(re.escape(why), found.why), found.why


def test_what_only_looks_is_told_from_what_does():
    doing, waiting = steps({"action": "aws:deleteStack", "inputs": {"StackName": "x"}})
    assert (doing.verifies, waiting.verifies) == (False, True)
