"""The shipped Windows instructions as the policy sees them: reads are reads, changes are never taken for one."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.domain.verdict import Decision
from itops.policy.judgement import Judgement
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.conformance import is_instance
from itops.scripts.powershell_reader import read_powershell_facts

_spec = importlib.util.spec_from_file_location("library_checks", Path(__file__).with_name("library_checks.py"))
checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checks)

LIBRARY = checks.load("windows")
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
READS = [one for one in LIBRARY.values() if one.effect is Effect.READ]
CHANGES = [one for one in LIBRARY.values() if one.effect is not Effect.READ]
# What they do is only known at run time, or through COM: the published instruction vouches for them.
VOUCHED = {"windows.disk.directory-usage", "windows.update.available"}


def text_of(instruction: Instruction) -> str:
    block = instruction.block("run")
    return checks.rendered(block, checks.examples(instruction))


def judge(instruction: Instruction) -> Judgement:
    return ENGINE.judge_facts(read_powershell_facts(text_of(instruction)))


@pytest.mark.parametrize("instruction", READS, ids=lambda instruction: instruction.id)
def test_a_read_is_allowed_as_one_or_vouched_for(instruction: Instruction) -> None:
    judgement = judge(instruction)
    assert not judgement.facts.problems
    expected = Decision.ASK if instruction.id in VOUCHED else Decision.ALLOW
    assert judgement.decision is expected, [reason.message for reason in judgement.reasons]
    assert {command.effect for command in judgement.facts.commands} <= {Effect.READ, Effect.UNKNOWN}


@pytest.mark.parametrize("instruction", CHANGES, ids=lambda instruction: instruction.id)
def test_a_change_asks(instruction: Instruction) -> None:
    assert judge(instruction).decision is Decision.ASK


@pytest.mark.parametrize("instruction", LIBRARY.values(), ids=lambda instruction: instruction.id)
def test_a_text_of_it_in_another_layout_is_recognised_and_one_command_more_is_not(instruction: Instruction) -> None:
    block = instruction.block("run")
    values = checks.examples(instruction)
    wanted = {name: value for name, value in values.items() if f"{{{{ {name} }}}}" in block.text}
    text = text_of(instruction)
    assert is_instance(f"# why\r\n{text.replace(chr(10), chr(13) + chr(10))}\r\n", block, wanted)
    assert not is_instance(f"{text}\nRemove-Item x", block, wanted)
