"""The tables of ``tests/cases/policy/commands_*.yaml`` through the real reader and the built-in policy."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from itops.domain.verdict import Decision
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.scripts import Scripts

TABLES = sorted((Path(__file__).parents[2] / "cases" / "policy").glob("commands_*.yaml"))
ROWS = [row for table in TABLES for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))


@pytest.mark.parametrize("row", ROWS, ids=[row["command"] for row in ROWS])
async def test_a_command_gets_the_decision_that_what_it_does_deserves(row):
    judgement = ENGINE.judge_facts(await Scripts().read("bash", row["command"]))
    told = [reason.message for reason in judgement.reasons]
    assert judgement.decision.value == row["decision"], told
    assert judgement.effect.value == row.get("effect", judgement.effect.value), told
    assert row.get("rule") in [None, *(reason.rule for reason in judgement.reasons)]
    if judgement.decision is Decision.DENY:
        assert all(reason.instead for reason in judgement.reasons)


def test_no_command_stands_twice_and_the_tables_are_long():
    commands = [row["command"] for row in ROWS]
    assert len(set(commands)) == len(commands) >= 150
