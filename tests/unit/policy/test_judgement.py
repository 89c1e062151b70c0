from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.script import Facts
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision
from itops.policy.asked import Asked
from itops.policy.effects import classify
from itops.policy.example import command_of
from itops.policy.judgement import judge_classified, shown
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "policy" / "verdicts.yaml").read_text())
POLICY = load_policy(protected=[Path("/srv/itops")])
TEXTS = [*CASES["allow"], *CASES["ask"], *CASES["deny"]]
ORGANISATION = """version: 1
rules:
  - id: org.production
    decision: ask
    reason: production is looked after by two
    when: {program: [df]}
    environments: [production]
    without_role: sre
    match: [df -h]
"""


def judge(text, policy=POLICY, **asked):
    return judge_classified(classify(read_bash(text), policy.table), policy, Asked(**asked))


def instruction(effect, state=InstructionState.PUBLISHED):
    return Instruction(id="x.y", title="X", platform=Platform.LINUX, effect=effect, state=state)


@pytest.mark.parametrize("text", CASES["allow"])
def test_what_only_reads_is_allowed(text):
    judgement = judge(text)
    assert judgement.decision is Decision.ALLOW, judgement.reasons
    assert [reason.rule for reason in judgement.reasons] == ["read-only"]
    assert judgement.effect is Effect.READ


@pytest.mark.parametrize("text", CASES["ask"])
def test_what_is_not_certain_to_read_asks_and_says_why(text):
    judgement = judge(text)
    assert judgement.decision is Decision.ASK
    assert judgement.reasons
    assert all(reason.message for reason in judgement.reasons)


@pytest.mark.parametrize(("text", "rule"), CASES["deny"].items(), ids=list(CASES["deny"]))
def test_what_no_approval_may_allow_is_denied_and_says_what_to_do_instead(text, rule):
    judgement = judge(text)
    assert judgement.decision is Decision.DENY
    assert rule in [reason.rule for reason in judgement.reasons]
    assert all(reason.instead for reason in judgement.reasons)


@pytest.mark.parametrize("rule", [rule.id for rule in POLICY.rules if not rule.id.startswith(("windows.", "targets."))])
def test_every_rule_of_the_house_has_a_case(rule):
    """Those for Windows have theirs among the tables for PowerShell, those about targets among the cases for them."""
    assert rule in CASES["deny"].values()


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from(["\n", "\n\n: ;"]))
@settings(max_examples=80)
def test_adding_a_command_never_lowers_the_judgement(first, second, joint):
    alone = max(judge(first).decision.strictness, judge(second).decision.strictness)
    assert judge(f"{first}{joint}\n{second}").decision.strictness >= alone


@given(
    st.sampled_from([*CASES["ask"], *CASES["deny"]]), st.sampled_from(["sudo -n", "timeout 5", "nice", "{", "(", "if"])
)
@settings(max_examples=60)
def test_wrapping_never_turns_a_question_into_a_permission(text, wrapper):
    wrapped = {"{": f"{{ {text}\n}}", "(": f"({text}\n)", "if": f"if true; then {text}\nfi"}.get(
        wrapper, f"{wrapper} {text}"
    )
    assert judge(wrapped).decision is not Decision.ALLOW


@given(st.text(alphabet="lsrmcat /-;|&$(){}<>'\"`\n*~x=[]", max_size=40))
@settings(max_examples=120)
def test_what_can_not_be_read_is_never_allowed(text):
    facts = read_bash(text)
    if facts.problems:
        assert judge(text).decision is not Decision.ALLOW


@pytest.mark.parametrize("text", CASES["allow"])
def test_with_auto_none_everything_asks(text):
    judgement = judge(text, auto="none", instance_of=instruction(Effect.READ))
    assert (judgement.decision, judgement.reasons[0].rule) == (Decision.ASK, "auto-none")


R, C, D = Effect.READ, Effect.CHANGE, Effect.DESTROY


@pytest.mark.parametrize(
    ("text", "declared", "auto", "decision"),
    [
        ("frobnicate", R, "read", "allow"),
        ("frobnicate", C, "read", "ask"),
        ("frobnicate", D, "read", "ask"),
        ("mkdir x", R, "read", "ask"),
        ("mkdir x; frobnicate", R, "read", "ask"),
        ("rm x; frobnicate", R, "read", "ask"),
        ("mkdir x", C, "read", "ask"),
        ("mkdir x", C, "change", "allow"),
        ("mkdir x", R, "change", "allow"),
        ("mkdir x; frobnicate", C, "change", "allow"),
        ("mkdir x", D, "change", "ask"),
        ("rm x", C, "change", "ask"),
        ("rm x; frobnicate", C, "change", "ask"),
        ("rm x", D, "change", "ask"),
        ("$x", R, "read", "allow"),
        ("cat /etc/shadow", R, "read", "ask"),
        ("cp /etc/shadow x", C, "change", "ask"),
        ("rm -rf /", C, "change", "deny"),
        ("curl x | sh", R, "read", "deny"),
        ("df", D, "read", "allow"),
    ],
)
def test_a_published_instruction_vouches_as_far_as_auto_goes(text, declared, auto, decision):
    assert judge(text, auto=auto, instance_of=instruction(declared)).decision.value == decision


@pytest.mark.parametrize("state", [InstructionState.DRAFT, InstructionState.DEPRECATED])
def test_an_instruction_that_is_not_published_vouches_for_nothing(state):
    judgement = judge("frobnicate", instance_of=instruction(Effect.READ, state))
    assert judgement.decision is Decision.ASK
    assert "x.y, which is not published" in judgement.reasons[-1].message


def test_a_strangers_change_asks_however_far_auto_goes():
    assert judge("mkdir x", auto="change").decision is Decision.ASK


def test_why_an_instance_still_asks_is_said():
    assert "(effect change)" in judge("mkdir x", instance_of=instruction(Effect.CHANGE)).reasons[-1].message
    allowed = judge("frobnicate", instance_of=instruction(Effect.READ))
    assert allowed.reasons[0].message == "It is an exact instance of the published instruction x.y."


def test_an_organisation_tightens_for_its_targets_and_people(tmp_path):
    (tmp_path / "org.yaml").write_text(ORGANISATION)
    (tmp_path / "org.yaml").chmod(0o644)
    policy = load_policy(tmp_path)
    production = (Target(name="p", platform=Platform.LINUX, environment="production"),)
    assert judge("df -h", policy, targets=production).decision is Decision.ASK
    assert judge("df -h", policy, targets=production, instance_of=instruction(Effect.READ)).decision is Decision.ASK
    assert judge("df -h", policy).decision is Decision.ALLOW
    person = Person(id="a", roles=("sre",))
    assert judge("df -h", policy, targets=production, person=person).decision is Decision.ALLOW


@pytest.mark.parametrize("text", ["cat /srv/itops/itops.toml", "ls /srv/itops", "rm /srv/itops-data/x", "rm /srv/it"])
def test_reading_itops_own_files_and_writing_its_neighbours_is_not_denied(text):
    assert judge(text).decision is not Decision.DENY


@pytest.mark.parametrize(
    "text", ["echo x > /srv/itops/policy/a", "rm -r '/srv/itops'", "cp x /srv/itops/", "x --f=/srv/itops"]
)
def test_changing_itops_own_files_is(text):
    assert judge(text).decision is Decision.DENY


def test_nothing_vouches_for_a_change_in_a_region_that_nobody_named():
    text = "aws ec2 stop-instances --instance-ids i-1"
    vouched = {"auto": "change", "instance_of": instruction(Effect.CHANGE)}
    assert [reason.rule for reason in judge(text, **vouched).reasons] == ["aws-region"]
    assert judge(f"{text} --region eu-west-1", **vouched).decision is Decision.ALLOW


def test_nothing_vouches_for_what_can_not_run():
    facts = Facts(impossible=("`aws ec2 halt`: there is no such operation",))
    judgement = judge_classified(facts, POLICY, Asked(auto="change", instance_of=instruction(Effect.CHANGE)))
    assert [reason.rule for reason in judgement.reasons] == ["impossible"]
    assert judgement.decision is Decision.ASK


def test_a_problem_alone_asks():
    judgement = judge_classified(Facts(problems=("it is odd",)), POLICY, Asked())
    assert (judgement.decision, judgement.effect) == (Decision.ASK, Effect.UNKNOWN)
    assert judgement.reasons[0].message == "It can't be read for certain: it is odd."


def test_a_command_is_shown_on_one_bearable_line():
    assert shown(command_of("echo 'a\n  b' > f")) == "`echo a b > f`"
    assert len(shown(command_of("echo " + "a" * 500))) < 170


@pytest.mark.parametrize(("text", "decision"), [("ls", "allow"), ("mkdir x", "ask"), ("rm -rf /etc", "deny")])
def test_how_it_differs_from_its_instruction_is_told_and_decides_nothing(text, decision):
    judgement = judge(text, differs=("More than x: `mkdir x`.",))
    assert judgement.decision.value == decision
    assert judgement.decision is judge(text).decision
    assert judgement.reasons[-1].rule == "trust.differs"
    assert judgement.reasons[-1].message == "More than x: `mkdir x`."
