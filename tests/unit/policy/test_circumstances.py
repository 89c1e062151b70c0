from datetime import datetime
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from itops.domain.identity import Person
from itops.domain.instruction import Instruction
from itops.domain.target import Platform, Target
from itops.policy.asked import Asked
from itops.policy.circumstances import Circumstances

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "policy" / "circumstances.yaml").read_text())


def asked(given):
    state = given.get("instance")
    return Asked(
        person=Person.model_validate(given.get("person", {"id": ""})),
        targets=tuple(Target.model_validate({"platform": "linux", **one}) for one in given.get("targets", [])),
        now=datetime.fromisoformat(given["now"]) if "now" in given else None,
        sizes=given.get("sizes", {}),
        instance_of=Instruction(id="x", title="X", platform=Platform.LINUX, state=state) if state else None,
    )


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row['rule']} {row['asked']}")
def test_for_whom_where_and_when_it_holds(row):
    assert Circumstances.model_validate(row["rule"]).holds(asked(row["asked"])) is row["holds"]


@pytest.mark.parametrize("rule", [{"targets_min": -1}, {"platforms": ["mainframe"]}, {"instance": "mine"}])
def test_what_is_no_circumstance(rule):
    with pytest.raises(ValidationError):
        Circumstances.model_validate(rule)
