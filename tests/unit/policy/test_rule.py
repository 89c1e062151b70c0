import pytest
from pydantic import ValidationError

from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision
from itops.policy.example import command_of
from itops.policy.rule import Rule

RULE = {"id": "r", "decision": "ask", "reason": "why", "when": {"program": ["rm"]}, "match": ["rm x"]}


def rule(**changes):
    return Rule.model_validate({**RULE, **changes})


def target(name="local", environment=""):
    return Target(name=name, platform=Platform.LINUX, environment=environment)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"match": []}, "at least 1"),
        ({"match": ["ls"]}, "does not match its example 'ls'"),
        ({"not_match": ["rm y"]}, "which it must not"),
        ({"decision": "allow"}, "'ask' or 'deny'"),
        ({"decision": "deny"}, "does not say what to do instead"),
        ({"id": "Not An Id"}, "pattern"),
        ({"when": {}}, "at least one condition"),
        ({"unknown": 1}, "Extra"),
    ],
)
def test_a_rule_that_is_off_does_not_load(changes, fault):
    with pytest.raises(ValidationError, match=fault):
        rule(**changes)


def test_a_rule_speaks_of_what_it_matches():
    assert rule().speaks_of(command_of("rm x"))
    assert not rule().speaks_of(command_of("ls"))
    assert rule().strictness is Decision.ASK


@pytest.mark.parametrize(
    ("limits", "targets", "roles", "applies"),
    [
        ({}, [target()], (), True),
        ({}, [], (), True),
        ({"environments": ["production"]}, [target(environment="production")], (), True),
        ({"environments": ["production"]}, [target(), target("b", "production")], (), True),
        ({"environments": ["production"]}, [target(environment="test")], (), False),
        ({"targets": ["db1"]}, [target("db1")], (), True),
        ({"targets": ["db1"]}, [target("db2")], (), False),
        ({"targets": ["db1"], "environments": ["production"]}, [target("db1", "test")], (), False),
        ({"without_role": "dba"}, [target()], ("dba",), False),
        ({"without_role": "dba"}, [target()], ("ops",), True),
    ],
)
def test_for_which_targets_and_people_it_holds(limits, targets, roles, applies):
    assert rule(**limits).applies(tuple(targets), roles) is applies
