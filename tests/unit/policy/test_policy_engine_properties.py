"""What holds for every script: nothing that is added or put around it makes policy milder."""

import itertools
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from itops.domain.verdict import Decision
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

TABLES = sorted((Path(__file__).parents[2] / "cases" / "policy").glob("commands_*.yaml"))
ROWS = [row for table in TABLES for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
COMMANDS = [row["command"] for row in ROWS]
HELD = [row["command"] for row in ROWS if row["decision"] != "allow"]
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
# A text that can't be read as a whole (a here-document that never ends, a hidden character) asks, whatever it holds.
JOINTS = ["; ", " && ", " || ", " | ", "\n", " & "]
WRAPPERS = ["sudo", "sudo -n --", "env", "env A=b", "timeout 5", "nice -n 5", "nohup", "setsid", "command", "!", "time"]


@cache
def judge(text):
    return ENGINE.judge_facts(read_bash(text))


def strictness(text):
    return judge(text).decision.strictness


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


# Half a word and half a word may make a whole one: what can't be parsed alone says nothing of the two together.
WHOLE = [text for text in COMMANDS if not any("can't be parsed" in problem for problem in judge(text).facts.problems)]


@given(st.sampled_from(WHOLE), st.sampled_from(WHOLE), st.sampled_from(JOINTS))
@settings(max_examples=120)
def test_two_commands_together_are_judged_as_strictly_as_the_stricter(first, second, joint):
    both = judge(f"{first}{joint}{second}")
    assert both.decision is not Decision.ALLOW or both.decision is judge(first).decision is judge(second).decision
    assume(both.facts.commands and not any("parser" in problem for problem in both.facts.problems))
    assert both.decision.strictness >= max(strictness(first), strictness(second))


@given(st.sampled_from(HELD), st.lists(st.sampled_from(WRAPPERS), min_size=1, max_size=3))
@settings(max_examples=100)
def test_words_put_before_a_command_never_turn_a_question_into_a_permission(text, wrappers):
    assert judge(" ".join([*wrappers, text])).decision is not Decision.ALLOW


SHELLS = [
    "bash -c {}",
    "sudo sh -c {}",
    "eval {}",
    "su - -c {}",
    "echo {} | bash",
    "bash <<< {}",
    "timeout 9 sh -ec {}",
]


@given(st.sampled_from(HELD), st.sampled_from(SHELLS))
@settings(max_examples=100)
def test_a_shell_around_a_script_never_turns_a_question_into_a_permission(text, shell):
    assert judge(shell.format(quoted(text))).decision is not Decision.ALLOW


PLACES = [
    "({}\n)",
    "{{ {}\n}}",
    "if true; then {}\nfi",
    "while false; do {}\ndone",
    "f() {{ {}\n}}; f",
    'echo "$({}\n)"',
]


@given(st.sampled_from(HELD), st.sampled_from(PLACES))
@settings(max_examples=100)
def test_a_construct_around_a_script_never_turns_a_question_into_a_permission(text, place):
    assert judge(place.format(text)).decision is not Decision.ALLOW


CARRIERS = ["ssh web1 {}", "docker exec web sh -c {}", "chroot /mnt sh -c {}", "env -S {}", "systemd-run sh -c {}"]


@given(st.sampled_from(HELD), st.sampled_from(CARRIERS))
@settings(max_examples=60)
def test_a_command_that_is_carried_elsewhere_is_never_allowed(text, carrier):
    assert judge(carrier.format(quoted(text))).decision is not Decision.ALLOW


@given(st.sampled_from(HELD), st.data())
@settings(max_examples=100)
def test_quotes_and_backslashes_within_the_program_never_turn_a_question_into_a_permission(text, data):
    head, space, rest = text.partition(" ")
    assume(head.isalpha())
    at = data.draw(st.integers(0, len(head) - 1))
    for mark in ("''", '""', "\\"):
        assert judge(f"{head[:at]}{mark}{head[at:]}{space}{rest}").decision is not Decision.ALLOW


@given(st.sampled_from(HELD), st.sampled_from(["  ", "\t", " \\\n"]), st.sampled_from(["; ", "\n", " # x"]))
@settings(max_examples=80)
def test_space_around_and_behind_never_turns_a_question_into_a_permission(text, before, behind):
    assert judge(f"{before.rstrip(chr(10))}{text}{behind}").decision is not Decision.ALLOW


@given(st.one_of(st.text(max_size=60), st.text(alphabet="lsrmcat /-;|&$(){}<>'\"`\\\n*~x=[]!@#", max_size=50)))
@settings(max_examples=150)
def test_random_text_is_judged_and_allowed_only_if_it_was_read_for_certain(text):
    judgement = judge(text)
    assert judgement.decision is not Decision.ALLOW or not judgement.facts.problems
    assert judgement.reasons


@given(st.data())
@settings(max_examples=120)
def test_a_script_that_was_cut_short_is_judged_and_allowed_only_if_it_was_read_for_certain(data):
    text = data.draw(st.sampled_from(COMMANDS))
    judgement = judge(text[: data.draw(st.integers(0, len(text)))])
    assert judgement.decision is not Decision.ALLOW or not judgement.facts.problems


@pytest.mark.parametrize(("first", "second"), list(itertools.product(["ls", "touch f", "rm -rf /"], repeat=2)))
def test_of_all_decisions_the_strictest_holds_in_either_order(first, second):
    assert strictness(f"{first}; {second}") == max(strictness(first), strictness(second))
