"""What turns a read into something else is never allowed; what people look at every day is.

Texts are judged, never run.
The tables are ``tests/cases/policy/turns_*.yaml`` and ``everyday_reads_*.yaml``.
"""

from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.domain.effect import Effect
from itops.domain.verdict import Decision
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.aws_reader import read_aws
from itops.scripts.powershell_reader import read_powershell_facts

CASES = Path(__file__).parents[2] / "cases" / "policy"
READERS = {"windows": read_powershell_facts, "aws": read_aws}
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
LEAST_TURNS = {"windows": 800, "aws": 300}
LEAST_READS = {"windows": 300, "aws": 250}
ASKING_SHARE = 0.05


def load(name):
    return yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def judge(shell, text):
    return ENGINE.judge_facts(READERS[shell](text))


TURNS = [(shell, text) for shell in READERS for text in load(f"turns_{shell}")]
READS = [(shell, row) for shell in READERS for row in load(f"everyday_reads_{shell}")]
PLAIN = [(shell, row["command"]) for shell, row in READS if "asks" not in row and "\n" not in row["command"]]


@pytest.mark.parametrize(("shell", "text"), TURNS, ids=[text for _, text in TURNS])
def test_what_turns_a_read_into_something_else_is_never_allowed(shell, text):
    judgement = judge(shell, text)
    assert judgement.decision is not Decision.ALLOW
    assert judgement.reasons


@pytest.mark.parametrize(("shell", "row"), READS, ids=[row["command"] for _, row in READS])
def test_an_everyday_read_is_allowed_or_the_table_says_why_it_asks(shell, row):
    judgement = judge(shell, row["command"])
    told = [reason.message for reason in judgement.reasons]
    assert judgement.decision is (Decision.ASK if row.get("asks") else Decision.ALLOW), told
    assert judgement.effect is not Effect.DESTROY


@pytest.mark.parametrize("shell", READERS)
def test_the_tables_are_long_name_nothing_twice_and_few_reads_ask(shell):
    turns = load(f"turns_{shell}")
    reads = load(f"everyday_reads_{shell}")
    assert len(set(turns)) == len(turns) >= LEAST_TURNS[shell]
    assert len({row["command"] for row in reads}) == len(reads) >= LEAST_READS[shell]
    assert sum("asks" in row for row in reads) <= ASKING_SHARE * len(reads)


@given(st.sampled_from(PLAIN), st.sampled_from([text for text in TURNS if "\n" not in text[1]]))
@settings(max_examples=150)
def test_a_turn_behind_an_everyday_read_is_never_allowed(read, turn):
    shell, text = turn
    if read[0] == shell:
        assert ENGINE.judge_facts(READERS[shell](f"{read[1]}\n{text}")).decision is not Decision.ALLOW


@given(st.sampled_from([text for shell, text in PLAIN if shell == "windows" and ">" not in text]))
@settings(max_examples=80)
def test_a_read_of_windows_that_is_written_to_a_file_asks(text):
    for end in ("> C:\\Temp\\x.txt", ">> x", "| Out-File x", "| Set-Content x", "| Tee-Object -FilePath x"):
        assert judge("windows", f"{text} {end}").decision is not Decision.ALLOW, end
