from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.sandbox import Sandbox, View
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.policy.sandboxing import Containment, no_sandbox
from itops.scripts.bash_reader import read_bash

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "policy" / "sandboxes.yaml").read_text())
POLICY = load_policy()
HERE = Target(name="here", platform=Platform.LINUX)
THERE = Target(name="there", platform=Platform.LINUX, executor="other")
ALWAYS = Containment(lambda targets, sandbox: True)
NEVER = Containment(lambda targets, sandbox: False)
PUBLISHED = Instruction(
    id="x", title="X", platform=Platform.LINUX, effect=Effect.READ, state=InstructionState.PUBLISHED
)


def judge(text: str, containment: Containment | None, instance_of: Instruction | None = None, **more: Any) -> Verdict:
    return PolicyEngine(POLICY, timedelta(minutes=5), containment=containment).judge(
        script=Script(language="bash", text=text, targets=more.pop("targets", (HERE,))),
        facts=read_bash(text),
        person=Person(id="alice"),
        auto=more.pop("auto", "read"),
        instance_of=instance_of,
        now=datetime(2026, 11, 22, tzinfo=UTC),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_the_table(case: dict[str, Any]) -> None:
    sandbox = POLICY.sandboxing.sandbox_for(read_bash(case["text"]))
    assert sorted(sandbox.views) == sorted(case.get("views", []))
    assert sorted(sandbox.capabilities) == sorted(["dac_read_search", *case.get("capabilities", [])])
    assert not set(case.get("shown", [])) & set(sandbox.hidden)
    assert set(case.get("hidden", [])) <= set(sandbox.hidden)


def test_one_more_command_never_hides_or_shows_less_than_the_other_needs() -> None:
    one, other = (
        POLICY.sandboxing.sandbox_for(read_bash(text)) for text in ("ss -tlnp", "aws sts get-caller-identity")
    )
    both = POLICY.sandboxing.sandbox_for(read_bash("ss -tlnp; aws sts get-caller-identity"))
    assert set(both.views) == {*one.views, *other.views}
    assert set(both.capabilities) == {*one.capabilities, *other.capabilities}
    assert set(both.hidden) == set(one.hidden) & set(other.hidden)


def test_what_is_hidden_is_what_policy_calls_a_secret() -> None:
    """Sockets aside: what policy asks about when it is named is hidden when it is not."""
    files = [path for path in POLICY.sandboxing.sandbox_for(read_bash("true")).hidden if path.startswith(("/etc", "~"))]
    named = [path.replace("id_*[!b]", "id_rsa").replace("_*_key", "_rsa_key").replace("*", "") for path in files]
    assert [path for path in named if not POLICY.table.secrets.is_secret(path)] == ["/etc/rancher/k3s/k3s.yaml"]


def test_what_is_allowed_as_a_read_is_confined() -> None:
    verdict = judge("df -h", ALWAYS)
    assert verdict.decision is Decision.ALLOW
    assert verdict.sandbox is not None
    assert verdict.sandbox.views == ()


@pytest.mark.parametrize(("text", "auto"), [("mkdir x", "read"), ("rm -rf /", "read"), ("df -h", "none")])
def test_what_a_person_decides_is_not(text: str, auto: str) -> None:
    verdict = judge(text, ALWAYS, auto=auto)
    assert verdict.decision is not Decision.ALLOW
    assert verdict.sandbox is None


def test_an_allowed_change_is_not() -> None:
    change = PUBLISHED.model_copy(update={"effect": Effect.CHANGE})
    assert judge("mkdir x", ALWAYS, change, auto="change").sandbox is None
    assert judge("mkdir x", NEVER, change, auto="change").decision is Decision.ALLOW


def test_without_a_sandbox_a_stranger_asks_and_is_told_what_to_install() -> None:
    verdict = judge("ss -tlnp", NEVER)
    assert (verdict.decision, verdict.sandbox, verdict.effect) == (Decision.ASK, None, Effect.READ)
    assert [reason.rule for reason in verdict.reasons] == ["no-sandbox"]
    assert "bubblewrap" in verdict.reasons[0].instead
    assert "the network and other processes" in verdict.reasons[0].message


def test_without_a_sandbox_a_published_instruction_goes_on() -> None:
    assert judge("df -h", NEVER, PUBLISHED).decision is Decision.ALLOW
    assert judge("df -h", NEVER, PUBLISHED).sandbox is None
    draft = PUBLISHED.model_copy(update={"state": InstructionState.DRAFT})
    assert judge("df -h", NEVER, draft).decision is Decision.ASK


def test_where_a_sandbox_is_required_nothing_goes_on_without() -> None:
    required = replace(NEVER, is_required=True)
    assert judge("df -h", required, PUBLISHED).decision is Decision.ASK
    assert judge("df -h", replace(ALWAYS, is_required=True), PUBLISHED).sandbox is not None


def test_it_is_confined_on_all_its_targets() -> None:
    seen: list[tuple[tuple[Target, ...], Sandbox]] = []

    def confines(targets: tuple[Target, ...], sandbox: Sandbox) -> bool:
        seen.append((targets, sandbox))
        return THERE not in targets

    assert judge("ip addr", Containment(confines), targets=(HERE, THERE)).decision is Decision.ASK
    assert [(targets, sandbox.views) for targets, sandbox in seen] == [((HERE, THERE), (View.NETWORK,))]


def test_text_alone_is_judged_the_same_on_every_machine() -> None:
    for containment in (None, ALWAYS, NEVER):
        engine = PolicyEngine(POLICY, timedelta(minutes=5), containment=containment)
        assert engine.judge_facts(read_bash("df -h")).decision is Decision.ALLOW


def test_every_view_has_its_words() -> None:
    assert all(no_sandbox(Sandbox(views=(view,))).message for view in View)
    assert "there is no sandbox, which" in no_sandbox(Sandbox()).message
