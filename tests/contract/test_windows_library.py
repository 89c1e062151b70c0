"""The shipped Windows instructions keep what the guide asks of an instruction."""

import importlib.util
from pathlib import Path

import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.instructions.runbooks.powershell_lint import powershell_findings

_spec = importlib.util.spec_from_file_location("library_checks", Path(__file__).with_name("library_checks.py"))
checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checks)

LIBRARY = checks.load("windows")

every_instruction = pytest.mark.parametrize("instruction", LIBRARY.values(), ids=lambda instruction: instruction.id)


@every_instruction
def test_no_phrase_repeats_the_title(instruction: Instruction) -> None:
    assert instruction.title.lower() not in [phrase.lower() for phrase in instruction.phrases]


def test_no_phrase_stands_for_two_instructions() -> None:
    phrases = [phrase.lower() for instruction in LIBRARY.values() for phrase in instruction.phrases]
    assert len(phrases) == len(set(phrases))


@every_instruction
def test_its_blocks_are_good_powershell(instruction: Instruction) -> None:
    for block in instruction.blocks:
        assert block.language == "powershell"
        text = checks.rendered(block, checks.examples(instruction))
        assert powershell_findings(text) == [], block.kind


@every_instruction
def test_a_verification_can_fail(instruction: Instruction) -> None:
    """A missing thing is an error by itself; a thing that is there must still be looked at."""
    verify = instruction.block("verify")
    if instruction.effect is not Effect.READ:
        assert verify
        assert "throw" in verify.text or "Get-WinEvent" in verify.text


@every_instruction
def test_a_secret_comes_by_standard_input(instruction: Instruction) -> None:
    run = instruction.block("run")
    assert run
    assert ("[Console]::In.ReadLine()" in run.text) is bool(instruction.secrets)


@every_instruction
def test_active_directory_is_loaded_where_it_is_used_and_the_prose_says_so(instruction: Instruction) -> None:
    domain = instruction.id.startswith("windows.ad.")
    assert ("ActiveDirectory" in instruction.prose) is domain
    for block in instruction.blocks:
        assert ("Import-Module -Name ActiveDirectory" in block.text) is domain
