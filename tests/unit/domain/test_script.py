"""The digest is what permission is bound to, so what it covers is spelled out; test_approval.py tries the changes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts, Script
from itops.domain.target import Platform, Target

HERE = Target(name="here", platform=Platform.LINUX)
THERE = Target(name="there", platform=Platform.LINUX)


def script(text: str = "df", **fields: object) -> Script:
    return Script.model_validate({"language": "bash", "text": text, "targets": (HERE,), **fields})


def command(effect: Effect) -> Command:
    return Command(program="p", argv=("p",), effect=effect)


def test_a_script_has_a_target() -> None:
    with pytest.raises(ValidationError):
        script(targets=())


def test_the_digest_is_a_sha256_that_survives_json() -> None:
    assert re.fullmatch("[0-9a-f]{64}", script().digest)
    assert Script.model_validate_json(script("df\n'é\x00'").model_dump_json()).digest == script("df\n'é\x00'").digest


@given(st.text(), st.text())
def test_two_texts_have_one_digest_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (script(one).digest == script(other).digest) == (one == other)


def test_the_order_of_targets_counts() -> None:
    assert script(targets=(HERE, THERE)).digest != script(targets=(THERE, HERE)).digest


def test_words_for_people_are_not_part_of_the_digest() -> None:
    assert script(purpose="look", parameters={"a": "b"}, look=True, block="verify").digest == script().digest


def test_facts_weigh_what_their_heaviest_command_weighs() -> None:
    assert Facts(commands=(command(Effect.READ), command(Effect.CHANGE))).effect is Effect.CHANGE
    assert Facts().effect is Effect.READ


@pytest.mark.parametrize(
    ("inside", "whole"),
    [(Effect.READ, Effect.UNKNOWN), (Effect.CHANGE, Effect.UNKNOWN), (Effect.DESTROY, Effect.DESTROY)],
)
def test_where_the_reading_failed_the_effect_is_at_least_unknown(inside: Effect, whole: Effect) -> None:
    assert Facts(commands=(command(inside),), problems=("does not parse",)).effect is whole
