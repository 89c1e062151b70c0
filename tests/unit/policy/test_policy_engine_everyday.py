"""Reads of every day are allowed, and what turns a read into something else is not: tables through the whole reader."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from itops.domain.verdict import Decision
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

CASES = Path(__file__).parents[2] / "cases" / "policy"
TURNS = yaml.safe_load((CASES / "turns.yaml").read_text(encoding="utf-8"))
EVERYDAY = yaml.safe_load((CASES / "everyday_reads.yaml").read_text(encoding="utf-8"))
READS = EVERYDAY["allowed"].splitlines()
ASKING = [row["command"] for row in EVERYDAY["asks"]]
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))


def decided(command):
    return ENGINE.judge_facts(read_bash(command)).decision


@pytest.mark.parametrize("group", TURNS)
def test_nothing_that_turns_a_read_into_something_else_is_allowed(group):
    assert [command for command in TURNS[group].splitlines() if decided(command) is Decision.ALLOW] == []


def test_reads_of_every_day_are_allowed():
    assert [command for command in READS if decided(command) is not Decision.ALLOW] == []


def test_the_few_that_ask_say_why_and_are_never_denied():
    assert [command for command in ASKING if decided(command) is not Decision.ASK] == []
    assert all(row["why"] for row in EVERYDAY["asks"])
    assert len(ASKING) <= 0.05 * len(READS)


def test_the_tables_are_long_and_no_command_stands_twice():
    turns = [command for group in TURNS.values() for command in group.splitlines()]
    assert len(set(turns)) == len(turns) >= 300
    assert len({*READS, *ASKING}) == len(READS) + len(ASKING) >= 300
