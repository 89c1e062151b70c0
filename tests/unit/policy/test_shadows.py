import pytest

from itops.policy.rule import Rule
from itops.policy.shadows import shadow_of

BASE = {"id": "a", "decision": "ask", "reason": "why", "when": {"program": ["rm"]}, "match": ["rm -r x"]}


def rule(**changes):
    return Rule.model_validate({**BASE, **changes})


@pytest.mark.parametrize(
    ("wide", "narrow", "shadowed"),
    [
        ({}, {}, True),
        ({}, {"targets_min": 3}, True),
        ({"targets_min": 2}, {"targets_min": 3}, True),
        ({"targets_min": 3}, {"targets_min": 2}, False),
        ({"environments": ["prod*"]}, {"environments": ["production"]}, True),
        ({"environments": ["production"]}, {"environments": ["production", "test"]}, False),
        ({"environments": ["production"]}, {}, False),
        ({"without_role": "dba"}, {"without_role": "dba", "people": ["bob"]}, True),
        ({"without_role": "dba"}, {"without_role": "ops"}, False),
        ({"during": [{"zone": "UTC"}]}, {"during": [{"zone": "UTC"}]}, True),
        ({"not_during": [{"zone": "UTC"}]}, {}, False),
        ({"instance": "stranger"}, {}, False),
        ({"when": {"program": ["r*"]}}, {}, True),
        (
            {"when": {"program": ["rm"], "flags_any": ["-r", "-f"]}},
            {"when": {"program": ["rm"], "flags_any": ["-r"]}},
            True,
        ),
        ({"when": {"program": ["rm"], "flags_any": ["-r"]}}, {}, False),
        ({"when": {"program": ["rm"], "flags_none": ["-i"]}}, {}, False),
        (
            {"when": {"program": ["rm"], "flags_none": ["-i"]}},
            {"when": {"program": ["rm"], "flags_none": ["-i", "-v"]}},
            True,
        ),
        ({"when": {"program": ["rm"], "operands_min": 1}}, {}, False),
        (
            {"when": {"program": ["rm"], "flags_any": ["-r"], "valued": ["-x"]}},
            {"when": {"program": ["rm"], "flags_any": ["-r"]}},
            False,
        ),
    ],
)
def test_a_rule_that_always_speaks_where_another_does_makes_it_idle(wide, narrow, shadowed):
    wider, narrower = rule(id="wide", **wide), rule(id="narrow", **narrow)
    assert (shadow_of(narrower, [wider, narrower]) is wider) is shadowed


def test_a_question_hides_no_denial_and_no_rule_hides_itself():
    asks, denies = rule(), rule(id="b", decision="deny", instead="Wait.")
    assert shadow_of(denies, [asks, denies]) is None
    assert shadow_of(asks, [asks]) is None
    assert shadow_of(asks, [asks, denies]) is denies


def test_what_is_denied_anyway_need_not_ask():
    asks = rule(when={"args_any": ["x"]})
    denies = rule(id="b", decision="deny", instead="Wait.", when={"program": ["rm"], "flags_any": ["-r"]})
    assert shadow_of(asks, [asks, denies]) is denies
    assert shadow_of(asks, [asks, rule(**{**denies.model_dump(), "targets": ["db1"]})]) is None
    more = rule(when={"args_any": ["x"]}, match=["rm -r x", "rm x"])
    assert shadow_of(more, [more, denies]) is None


def test_of_two_that_say_the_same_the_later_is_idle():
    first, second = rule(id="first"), rule(id="second")
    assert shadow_of(first, [first, second]) is None
    assert shadow_of(second, [first, second]) is first
