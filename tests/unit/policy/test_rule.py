import pytest
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.domain.verdict import Decision
from itops.policy.example import command_of
from itops.policy.rule import Rule

RULE = {"id": "r", "decision": "ask", "reason": "why", "when": {"program": ["rm"]}, "match": ["rm x"]}


def rule(**changes):
    return Rule.model_validate({**RULE, **changes})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"match": []}, "at least 1"),
        ({"match": ["ls"]}, "does not match its example 'ls'"),
        ({"not_match": ["rm y"]}, "which it must not"),
        ({"decision": "allow"}, "a rule can't allow, as rules only tighten"),
        ({"decision": "maybe"}, "'ask' or 'deny'"),
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


def test_examples_of_a_rule_about_effects_are_for_who_knows_effects():
    about = rule(when={"effects": ["destroy"]}, match=["rm x"], not_match=["ls"])
    destroys = {"rm": Effect.DESTROY, "ls": Effect.READ}

    def classified(command):
        return command.model_copy(update={"effect": destroys[command.program]})

    assert about.wrong_example(classified) == ""
    assert "does not match its example 'rm x'" in about.wrong_example(lambda command: command)
    assert "matches 'ls'" in rule(when={"effects": ["read", "destroy"]}, not_match=["ls"]).wrong_example(classified)
