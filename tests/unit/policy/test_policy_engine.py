from datetime import UTC, datetime, timedelta

import pytest

from itops.domain.approval import ApprovedScript
from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.origins import Origins, Printed
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision
from itops.policy.asked import Asked
from itops.policy.explanation import explain
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
TARGET = Target(name="local", platform=Platform.LINUX)


def judge(text, instance_of=None, auto="read"):
    script = Script(language="bash", text=text, targets=(TARGET,))
    person = Person(id="alice")
    facts = read_bash(text)
    verdict = ENGINE.judge(script=script, facts=facts, person=person, auto=auto, instance_of=instance_of, now=NOW)
    return script, verdict


def instruction(effect, *, idempotent, state=InstructionState.PUBLISHED):
    made = {"id": "x", "title": "X", "platform": Platform.LINUX}
    return Instruction(**made, effect=effect, idempotent=idempotent, state=state)


def test_a_verdict_is_bound_to_the_script_the_policy_and_a_time():
    script, verdict = judge("sudo df -h | wc -l")
    assert (verdict.decision, verdict.effect) == (Decision.ALLOW, Effect.READ)
    assert (verdict.digest, verdict.policy_version) == (script.digest, ENGINE.version)
    assert (verdict.judged_at, verdict.expires_at) == (NOW, NOW + timedelta(minutes=5))
    assert verdict.commands == (("df", "-h"), ("wc", "-l"))
    assert (verdict.conforms_to, verdict.repeatable) == (None, True)
    assert ApprovedScript.permit(script, verdict, None, now=NOW).script == script


@pytest.mark.parametrize(
    ("text", "instance_of", "conforms", "repeatable"),
    [
        ("mkdir x", None, False, False),
        ("mkdir x", instruction(Effect.CHANGE, idempotent=True), True, True),
        ("mkdir x", instruction(Effect.CHANGE, idempotent=False), True, False),
        ("mkdir x", instruction(Effect.CHANGE, idempotent=True, state=InstructionState.DRAFT), False, False),
        ("ls", instruction(Effect.CHANGE, idempotent=False), True, True),
    ],
)
def test_what_a_published_instruction_says_of_repeating(text, instance_of, conforms, repeatable):
    _, verdict = judge(text, instance_of)
    assert verdict.conforms_to == (instance_of.ref if conforms else None)
    assert verdict.repeatable is repeatable


def test_facts_alone_are_judged_the_same_way():
    for text in ("ls", "rm x", "rm -rf /"):
        judgement = ENGINE.judge_facts(read_bash(text))
        _, verdict = judge(text)
        assert (judgement.decision, judgement.effect, judgement.reasons) == (
            verdict.decision,
            verdict.effect,
            verdict.reasons,
        )


def test_the_same_script_gets_the_same_verdict():
    assert judge("rm x; $y")[1] == judge("rm x; $y")[1]


def test_all_circumstances_reach_the_judgement(tmp_path):
    rule = FREEZE.partition("    during")[0].replace("deny", "ask") + "    without_role: sre\n    match: [mkdir x]\n"
    (tmp_path / "role.yaml").write_text(rule)
    (tmp_path / "role.yaml").chmod(0o644)
    tmp_path.chmod(0o755)
    engine = PolicyEngine(load_policy(tmp_path), timedelta(minutes=5))
    vouching = instruction(Effect.CHANGE, idempotent=True)
    script = Script(language="bash", text="mkdir /q", targets=(TARGET,), parameters={"path": "/q"})
    origins = Origins(printed=(Printed(source="step 1", text="/q"),))

    def rules(roles, **more):
        person = Person(id="alice", roles=roles)
        asked = {"person": person, "facts": read_bash(script.text), "auto": "change", "now": NOW}
        verdict = engine.judge(script=script, instance_of=vouching, **asked, **more)
        return [reason.rule for reason in verdict.reasons]

    assert rules(("sre",)) == ["instance"]
    assert rules(()) == ["org.freeze"]
    assert rules(("sre",), origins=origins) == ["trust.from-output"]
    assert rules(("sre",), differs=("More.",)) == ["instance", "trust.differs"]


def test_how_much_of_a_group_a_script_would_touch_is_asked_at_each_judgement():
    three = tuple(TARGET.model_copy(update={"name": name, "tags": ("web",)}) for name in "abc")
    script = Script(language="bash", text="mkdir /q", targets=three)
    vouching = instruction(Effect.CHANGE, idempotent=True)
    asked = {"person": Person(id="alice"), "facts": read_bash(script.text), "auto": "change", "now": NOW}
    for size, decision in ((6, Decision.ASK), (7, Decision.ALLOW)):
        engine = PolicyEngine(load_policy(), timedelta(minutes=5), sizes=lambda: {"web": size})  # noqa: B023 - judged at once
        assert engine.judge(script=script, instance_of=vouching, **asked).decision is decision


def test_a_judgement_is_explained_and_a_secret_file_is_known():
    facts = read_bash("rm x")
    assert ENGINE.explain(facts, Asked(auto="none")) == explain(
        ENGINE.judge_facts(facts, Asked(auto="none")), load_policy(), Asked(auto="none")
    )
    assert ENGINE.is_secret("/etc/shadow")
    assert not ENGINE.is_secret("/etc/hosts")


FREEZE = """version: 1
rules:
  - id: org.freeze
    decision: deny
    reason: nothing is changed over the holidays
    instead: Wait until the freeze is over.
    when: {effects: [change, unknown, destroy]}
    during: [{zone: Europe/Berlin, first_day: 2026-12-20, last_day: 2027-01-03}]
    match: [mkdir x]
    not_match: [ls]
"""


def test_a_freeze_holds_by_the_time_of_judgement_and_for_changes_alone(tmp_path):
    (tmp_path / "freeze.yaml").write_text(FREEZE)
    (tmp_path / "freeze.yaml").chmod(0o644)
    tmp_path.chmod(0o755)
    engine = PolicyEngine(load_policy(tmp_path), timedelta(minutes=5))

    def verdict(text, now):
        script = Script(language="bash", text=text, targets=(TARGET,))
        asked = {"facts": read_bash(text), "person": Person(id="alice"), "auto": "change", "now": now}
        return engine.judge(script=script, instance_of=instruction(Effect.CHANGE, idempotent=True), **asked)

    in_freeze = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert verdict("mkdir x", NOW).decision is Decision.ALLOW
    assert verdict("mkdir x", in_freeze).decision is Decision.DENY
    assert verdict("mkdir x", in_freeze).reasons[0].rule == "org.freeze"
    assert verdict("uptime", in_freeze).decision is Decision.ALLOW
    assert verdict("mkdir x", in_freeze).policy_version == engine.version != ENGINE.version


@pytest.mark.parametrize(("text", "auto"), [("mkdir x", "change"), ("ls", "read")])
@pytest.mark.parametrize(("block", "decision"), [("run", Decision.ASK), ("verify", Decision.ALLOW)])
def test_an_instruction_may_want_a_person_for_each_run(text, auto, block, decision):
    wants = instruction(Effect.CHANGE, idempotent=True).model_copy(update={"approval": "always"})
    script = Script(language="bash", text=text, targets=(TARGET,), block=block)
    made = {"facts": read_bash(text), "person": Person(id="alice"), "auto": auto, "now": NOW}
    verdict = ENGINE.judge(script=script, instance_of=wants, **made)
    assert verdict.decision is decision
    assert ("instruction.approval" in [reason.rule for reason in verdict.reasons]) is (decision is Decision.ASK)
