"""The tables of ``tests/cases/policy/powershell_*.yaml`` through the real reader and the built-in policy."""

from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.domain.verdict import Decision
from itops.policy.flags import spelling_of
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.powershell_names import resolve
from itops.scripts.powershell_reader import read_powershell_facts

TABLES = sorted((Path(__file__).parents[2] / "cases" / "policy").glob("powershell_*.yaml"))
ROWS = [row for table in TABLES for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
COMMANDS = [row["command"] for row in ROWS]
HELD = [row["command"] for row in ROWS if row["decision"] != "allow"]
POLICY = load_policy()
ENGINE = PolicyEngine(POLICY, timedelta(minutes=5))
JOINTS = ["; ", "\n", "\n\n# and\n"]
PLACES = [
    "if ($true) {{ {}\n}}",
    "foreach ($i in 1) {{ {}\n}}",
    "try {{ {}\n}} catch {{ }}",
    "& {{ {}\n}}",
    "function f {{ {}\n}}; f",
    "$x = @({}\n)",
    "1 | ForEach-Object {{ {}\n}}",
    "Invoke-Command -ScriptBlock {{ {}\n}}",
]


@cache
def judge(text):
    return ENGINE.judge_facts(read_powershell_facts(text))


# Half a word and half a word may make a whole one: what can't be parsed alone says nothing of the two together.
WHOLE = [text for text in COMMANDS if not any("can't be" in problem for problem in judge(text).facts.problems)]
PLAIN = [text for text in HELD if text in WHOLE and "\n" not in text and "&" not in text]


@pytest.mark.parametrize("row", ROWS, ids=COMMANDS)
def test_a_command_gets_the_decision_that_what_it_does_deserves(row):
    judgement = judge(row["command"])
    told = [reason.message for reason in judgement.reasons]
    assert judgement.decision.value == row["decision"], told
    assert judgement.effect.value == row.get("effect", judgement.effect.value), told
    assert row.get("rule") in [None, *(reason.rule for reason in judgement.reasons)]
    if judgement.decision is Decision.DENY:
        assert all(reason.instead for reason in judgement.reasons)


def test_no_command_stands_twice_and_the_tables_are_long():
    assert len(set(COMMANDS)) == len(COMMANDS) >= 250


@pytest.mark.parametrize("rule", [rule.id for rule in POLICY.rules if rule.id.startswith("windows.")])
def test_every_rule_for_windows_has_a_case(rule):
    assert rule in {row.get("rule") for row in ROWS}


def test_the_languages_share_no_program():
    """What PowerShell's names resolve to is spelt as no program of bash is."""
    windows = {program for group in POLICY.table.groups for program in group.program if spelling_of(program) != "posix"}
    assert len([program for program in windows if spelling_of(program) == "cmdlet"]) >= 300
    assert len([program for program in windows if program.endswith((".exe", ".com"))]) >= 80
    posix = {program for group in POLICY.table.groups for program in group.program} - windows
    assert not {resolved for program in posix for resolved in resolve(program)} & posix


def test_every_cmdlet_of_the_table_is_written_as_the_reader_names_it():
    cmdlets = {
        program for group in POLICY.table.groups for program in group.program if spelling_of(program) == "cmdlet"
    }
    assert [name for name in sorted(cmdlets) if resolve(name.lower()) != (name,)] == []


@given(st.sampled_from(WHOLE), st.sampled_from(WHOLE), st.sampled_from(JOINTS))
@settings(max_examples=120)
def test_two_commands_together_are_judged_as_strictly_as_the_stricter(first, second, joint):
    both = judge(f"{first}{joint}{second}")
    assert both.decision.strictness >= max(judge(first).decision.strictness, judge(second).decision.strictness)


@given(st.sampled_from(PLAIN), st.sampled_from(PLACES))
@settings(max_examples=120)
def test_a_construct_around_a_script_never_turns_a_question_into_a_permission(text, place):
    assert judge(place.format(text)).decision is not Decision.ALLOW


@given(
    st.sampled_from(PLAIN),
    st.sampled_from(["iex '{}'", "powershell -c '{}'", "'{}' | iex", "cmd /c powershell -c '{}'"]),
)
@settings(max_examples=100)
def test_a_shell_around_a_script_never_turns_a_question_into_a_permission(text, shell):
    assert judge(shell.format(text.replace("'", "''"))).decision is not Decision.ALLOW


@given(st.sampled_from(PLAIN), st.sampled_from([str.upper, str.lower, str.swapcase]))
@settings(max_examples=100)
def test_the_case_of_letters_never_turns_a_question_into_a_permission(text, case):
    if "-enc" not in text.lower() and "-e " not in text.lower():
        assert judge(case(text)).decision is not Decision.ALLOW


@given(st.data())
@settings(max_examples=150)
def test_random_and_cut_texts_are_allowed_only_if_they_were_read_for_certain(data):
    whole = data.draw(st.one_of(st.text(max_size=50), st.sampled_from(COMMANDS)))
    judgement = judge(whole[: data.draw(st.integers(0, len(whole)))])
    assert judgement.decision is not Decision.ALLOW or not judgement.facts.problems
    assert judgement.reasons
