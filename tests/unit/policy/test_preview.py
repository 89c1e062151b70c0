"""Which scripts are known to change local files alone: judged with the built-in policy, as they would be."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.script import Facts, Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Verdict
from itops.policy.example import command_of
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.policy.preview import FilePrograms, LocalFiles
from itops.scripts.scripts import Scripts

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/policy/previews.yaml").read_text(encoding="utf-8"))


@cache
def engine() -> PolicyEngine:
    return PolicyEngine(
        load_policy(protected=[Path("/srv/itops-home"), Path.home() / "itops-home"]), valid_for=timedelta(minutes=5)
    )


async def judged(text: str) -> Verdict:
    target = Target(name="local", platform=Platform.LINUX)
    return engine().judge(
        script=Script(language="bash", text=text, targets=(target,)),
        facts=await Scripts().read("bash", text),
        person=Person(id="ann"),
        auto="read",
        instance_of=None,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("text", CASES["tried"])
async def test_changes_of_local_files_are_tried(text: str) -> None:
    verdict = await judged(text)
    assert (verdict.effect.value, verdict.local_files) == ("change", True)


@pytest.mark.parametrize("text", CASES["not_tried"])
async def test_anything_else_is_not_tried(text: str) -> None:
    assert not (await judged(text)).local_files


def test_what_can_not_run_is_not_tried() -> None:
    known = FilePrograms(program=("cp", "mv"), match=("cp a b",))
    change = command_of("cp a b").model_copy(update={"effect": Effect.CHANGE})
    secrets = load_policy().table.secrets
    assert LocalFiles([known]).alone_in(Facts(commands=(change,)), secrets, ())
    assert not LocalFiles([known]).alone_in(Facts(commands=(change,), impossible=("x",)), secrets, ())
    assert not LocalFiles([known]).alone_in(Facts(commands=(change,), problems=("x",)), secrets, ())
    assert not LocalFiles().alone_in(Facts(commands=(change,)), secrets, ())


def test_examples_are_checked() -> None:
    with pytest.raises(ValidationError, match="does not match"):
        FilePrograms(program=("cp",), match=("mv a b",))
    with pytest.raises(ValidationError, match="must not"):
        FilePrograms(program=("cp",), match=("cp a b",), not_match=("cp c d",))
