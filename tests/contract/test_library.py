"""What the guide asks of every shipped instruction, on whatever platform, and the request cases that fit them."""

import importlib.util
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.instructions.runbooks.runbook_loader import library_dir, lint_all, load_folder
from itops.scripts.parameters import pattern_of, validate

_spec = importlib.util.spec_from_file_location("library_checks", Path(__file__).with_name("library_checks.py"))
checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checks)

AT_LEAST = {"linux": (155, 200), "windows": (100, 100), "aws": (130, 130), "kubernetes": (30, 40)}
"""How many instructions and how many request cases a platform has at least."""

LIBRARY = {name: one for platform in AT_LEAST for name, one in checks.load(platform).items()}
REQUESTS = {platform: checks.requests(f"{platform}.yaml") for platform in AT_LEAST}

every_platform = pytest.mark.parametrize("platform", AT_LEAST)
every_instruction = pytest.mark.parametrize("instruction", LIBRARY.values(), ids=lambda instruction: instruction.id)
every_request = pytest.mark.parametrize("row", [row for rows in REQUESTS.values() for row in rows], ids=checks.words_of)


@every_platform
def test_every_file_loads_is_named_after_its_id_and_is_not_complained_about(platform: str) -> None:
    report = load_folder(library_dir() / platform)
    assert report.problems == ()
    assert lint_all(report.instructions) == {}
    assert len(report.instructions) >= AT_LEAST[platform][0]
    names = {f"{platform}.{path.stem}" for path in (library_dir() / platform).glob("*.md")}
    assert names == {each.id for each in report.instructions}


@every_instruction
def test_it_says_what_people_need(instruction: Instruction) -> None:
    """It has prose, enough phrases, and a verify block unless it only reads."""
    assert instruction.prose
    assert 3 <= len(set(instruction.phrases)) == len(instruction.phrases) <= 8
    blocks = {block.kind for block in instruction.blocks}
    assert blocks == {"run"} if instruction.effect is Effect.READ else blocks >= {"run", "verify"}


@every_instruction
def test_no_value_can_be_an_option_and_every_way_to_say_one_has_a_place_for_it(instruction: Instruction) -> None:
    for parameter in instruction.parameters:
        for value in ("-", "-x", "--help"):
            assert not pattern_of(parameter).fullmatch(value), (parameter.name, value)
        assert all("{}" in phrase for phrase in parameter.phrases), parameter.phrases


@every_instruction
def test_its_blocks_can_be_rendered(instruction: Instruction) -> None:
    for block in instruction.blocks:
        assert "{{" not in checks.rendered(block, checks.examples(instruction))


@every_request
def test_a_request_names_an_instruction_and_brings_all_it_needs_in_words_of_its_own(row: dict[str, Any]) -> None:
    for part in checks.parts(row):
        instruction = LIBRARY[part["instruction"]]
        known = {parameter.name: parameter for parameter in instruction.parameters}
        for name, value in part["parameters"].items():
            assert validate(known[name], value) == value
        needed = {parameter.name for parameter in instruction.parameters if parameter.default is None}
        assert needed <= set(part["parameters"])
        assert checks.words_of(row).lower() not in instruction.phrases


@every_platform
def test_requests_are_many_each_stands_once_and_together_they_ask_for_every_instruction(platform: str) -> None:
    rows = REQUESTS[platform]
    assert len(rows) >= AT_LEAST[platform][1]
    assert [words for words, times in Counter(map(checks.words_of, rows)).items() if times > 1] == []
    asked = {part["instruction"] for row in rows for part in checks.parts(row)}
    assert asked == {name for name in LIBRARY if name.startswith(f"{platform}.")}


def test_requests_that_no_library_covers_stand_apart() -> None:
    outside = {checks.words_of(row) for row in checks.requests("outside.yaml")}
    assert len(outside) >= 60
    assert outside.isdisjoint(checks.words_of(row) for rows in REQUESTS.values() for row in rows)
