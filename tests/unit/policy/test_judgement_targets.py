from datetime import timedelta
from pathlib import Path

import pytest

from itops.policy.policy_case import load_cases
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

CASES = load_cases(Path(__file__).parents[2] / "cases" / "policy" / "targets.yaml")
POLICY = load_policy()
ENGINE = PolicyEngine(POLICY, timedelta(minutes=5))


@pytest.mark.parametrize("case", CASES, ids=[f"{place} {case.command}" for place, case in enumerate(CASES)])
def test_where_it_would_run_decides(case):
    assert list(case.differences(ENGINE.judge_facts(read_bash(case.command), case.asked))) == []


@pytest.mark.parametrize("rule", [rule.id for rule in POLICY.rules if rule.id.startswith("targets.")])
def test_every_rule_about_targets_has_a_case(rule):
    assert rule in [case.rule for case in CASES]
