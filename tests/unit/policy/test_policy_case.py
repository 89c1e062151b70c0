from datetime import UTC, datetime

import pytest

from itops.domain.effect import Effect
from itops.domain.script import Facts
from itops.domain.target import Platform
from itops.domain.verdict import Decision, Reason
from itops.errors import PolicyError
from itops.policy.judgement import Judgement
from itops.policy.policy_case import PolicyCase, load_cases

WRITES = {"program": "touch", "argv": ["touch", "x"], "effect": "change"}
CASES = """version: 1
cases:
  - {command: uptime, verdict: allow}
  - command: systemctl restart postgresql
    shell: bash
    person: {id: alice, roles: [dba]}
    targets: [db1, {name: db2, environment: production, tags: [pci], platform: windows}]
    at: 2026-12-24T23:00:00+01:00
    auto: change
    instance: change
    verdict: ask
    rule: org.r
    effect: change
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "cases.yaml").write_text(text)
        return tmp_path / "cases.yaml"

    return write


def test_a_case_says_who_where_when_and_for_which_script(write):
    bare, full = load_cases(write(CASES))
    assert (bare.asked.now, bare.asked.targets, bare.asked.instance_of) == (None, (), None)
    asked = full.asked
    assert asked.person.roles == ("dba",)
    assert [(one.name, one.platform) for one in asked.targets] == [("db1", Platform.LINUX), ("db2", Platform.WINDOWS)]
    assert asked.targets[1].tags == ("pci",)
    assert asked.now == datetime(2026, 12, 24, 22, tzinfo=UTC)
    assert asked.auto == "change"
    assert asked.is_published
    assert asked.instance_of.effect is Effect.CHANGE


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ("{command: ls}", "case 1: verdict"),
        ("{command: '', verdict: allow}", "command"),
        ("{command: ls, verdict: perhaps}", "verdict"),
        ("{command: ls, verdict: allow, persn: x}", "persn: there is no such key; the nearest: person"),
        ("{command: ls, verdict: allow, at: 2026-12-24T23:00:00}", "at"),
        ("{command: ls, verdict: allow, targets: [7]}", "targets"),
        ("{command: ls, shell: fish, verdict: allow}", "shell"),
        ("{command: ls, command: rm, verdict: allow}", "stands twice"),
    ],
)
def test_a_case_that_is_off_is_named(write, case, fault):
    with pytest.raises(PolicyError, match=fault):
        load_cases(write(f"version: 1\ncases: [{case}]\n"))


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({}, []),
        ({"effect": "change", "rule": "org.r"}, []),
        ({"verdict": "deny"}, ["deny is expected, ask is said by org.r, effect-change"]),
        ({"effect": "read"}, ["the effect read is expected, it is change"]),
        ({"rule": "wipe.tree"}, ["the rule wipe.tree is expected, these speak: org.r, effect-change"]),
    ],
)
def test_each_difference_is_told(expected, told):
    reasons = tuple(Reason(rule=rule, message="x") for rule in ("org.r", "effect-change"))
    judgement = Judgement(Decision.ASK, reasons, Facts.model_validate({"commands": [WRITES]}))
    case = PolicyCase.model_validate({"command": "x", "verdict": "ask", **expected})
    assert list(case.differences(judgement)) == told
