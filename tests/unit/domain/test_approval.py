"""Permission is a type: every way to get it, and every way to be refused."""

import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from itops.domain.approval import Approval, ApprovalState, ApprovedScript
from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import SecretSpec
from itops.domain.script import Limits, Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.errors import NotPermitted, PermissionExpired

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
END = NOON + timedelta(minutes=15)
ANN = Person(id="ann")
HERE = Target(name="here", platform=Platform.LINUX)
THERE = Target(name="there", platform=Platform.LINUX)
SCRIPT = Script(language="bash", text="df -h", targets=(HERE,), secrets=(SecretSpec(name="password"),))

OTHER_SCRIPTS = {
    "text": SCRIPT.model_copy(update={"text": "df -h "}),
    "language": SCRIPT.model_copy(update={"language": "powershell"}),
    "another target": SCRIPT.model_copy(update={"targets": (THERE,)}),
    "one more target": SCRIPT.model_copy(update={"targets": (HERE, THERE)}),
    "same name, other executor": SCRIPT.model_copy(update={"targets": (HERE.model_copy(update={"executor": "ssh"}),)}),
    "no secret": SCRIPT.model_copy(update={"secrets": ()}),
    "another secret": SCRIPT.model_copy(update={"secrets": (SecretSpec(name="token"),)}),
    "secret from elsewhere": SCRIPT.model_copy(update={"secrets": (SecretSpec(name="password", source="secret://x"),)}),
    "time limit": SCRIPT.model_copy(update={"limits": Limits(time_limit_seconds=301)}),
    "idle limit": SCRIPT.model_copy(update={"limits": Limits(idle_limit_seconds=121)}),
    "output limit": SCRIPT.model_copy(update={"limits": Limits(output_limit_bytes=1)}),
}
altered = pytest.mark.parametrize("other", OTHER_SCRIPTS.values(), ids=OTHER_SCRIPTS.keys())


def verdict(decision: Decision, script: Script = SCRIPT, policy: str = "p1") -> Verdict:
    return Verdict(
        decision=decision,
        effect=Effect.CHANGE,
        reasons=(),
        digest=script.digest,
        policy_version=policy,
        judged_at=NOON,
        expires_at=END,
    )


def approval(
    state: ApprovalState = ApprovalState.APPROVED, script: Script = SCRIPT, policy: str = "p1", end: datetime = END
) -> Approval:
    return Approval(
        id="t-1.1",
        task="t",
        action="t-1",
        digest=script.digest,
        policy_version=policy,
        requester=ANN,
        requested_at=NOON,
        expires_at=end,
        state=state,
    )


def test_an_allowed_script_is_permitted_without_a_person() -> None:
    permitted = ApprovedScript.permit(SCRIPT, verdict(Decision.ALLOW), None, now=LATER)
    assert (permitted.script, permitted.verdict, permitted.approval) == (SCRIPT, verdict(Decision.ALLOW), None)


@pytest.mark.parametrize("state", [ApprovalState.APPROVED, ApprovalState.REDEEMED])
def test_an_approved_script_is_permitted(state: ApprovalState) -> None:
    permitted = ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(state), now=LATER)
    assert permitted.script == SCRIPT
    assert permitted.approval == approval(state)


@pytest.mark.parametrize("state", sorted(set(ApprovalState) - {ApprovalState.APPROVED, ApprovalState.REDEEMED}))
def test_no_other_state_permits(state: ApprovalState) -> None:
    with pytest.raises(NotPermitted, match=f"is {state.value}") as caught:
        ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(state), now=LATER)
    assert not isinstance(caught.value, PermissionExpired)


def test_a_script_to_ask_about_needs_an_approval() -> None:
    with pytest.raises(NotPermitted, match="has none"):
        ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), None, now=LATER)


@pytest.mark.parametrize("given", [None, approval(), approval(ApprovalState.REDEEMED)])
def test_no_approval_overrules_a_denial(given: Approval | None) -> None:
    with pytest.raises(NotPermitted, match="denies"):
        ApprovedScript.permit(SCRIPT, verdict(Decision.DENY), given, now=LATER)


@altered
@pytest.mark.parametrize("decision", Decision)
def test_a_verdict_of_another_script_permits_nothing(other: Script, decision: Decision) -> None:
    with pytest.raises(NotPermitted, match="verdict is of another script"):
        ApprovedScript.permit(other, verdict(decision), approval(script=other), now=LATER)


@altered
def test_an_approval_of_another_script_permits_nothing(other: Script) -> None:
    with pytest.raises(NotPermitted, match="approval is of another script"):
        ApprovedScript.permit(other, verdict(Decision.ASK, other), approval(), now=LATER)


def test_what_is_only_shown_does_not_bind() -> None:
    told = SCRIPT.model_copy(update={"purpose": "look", "look": True, "parameters": {"a": "b"}, "block": "verify"})
    assert ApprovedScript.permit(told, verdict(Decision.ASK), approval(), now=LATER).script == told


def test_an_approval_under_another_policy_permits_nothing() -> None:
    with pytest.raises(NotPermitted, match="policy has changed"):
        ApprovedScript.permit(SCRIPT, verdict(Decision.ASK, policy="p2"), approval(policy="p1"), now=LATER)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=400)])
def test_an_old_verdict_permits_nothing(late: timedelta) -> None:
    with pytest.raises(PermissionExpired, match="verdict"):
        ApprovedScript.permit(SCRIPT, verdict(Decision.ALLOW), None, now=END + late)


@pytest.mark.parametrize("state", [ApprovalState.APPROVED, ApprovalState.REDEEMED])
@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=400)])
def test_an_old_approval_permits_nothing(state: ApprovalState, late: timedelta) -> None:
    with pytest.raises(PermissionExpired, match="approval"):
        ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(state), now=END + late)


def test_the_last_moment_still_counts() -> None:
    last = END - timedelta(microseconds=1)
    assert ApprovedScript.permit(SCRIPT, verdict(Decision.ALLOW), None, now=last)
    assert ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(), now=last)


def test_an_approval_outlives_the_verdict_it_answers() -> None:
    """People take longer to answer than a verdict lasts: the approval's own end counts then."""
    longer = END + timedelta(minutes=5)
    assert ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(end=longer), now=END)


def test_a_rejected_approval_is_refused_as_rejected_even_when_old() -> None:
    with pytest.raises(NotPermitted, match="is rejected"):
        ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(ApprovalState.REJECTED), now=END)


def test_an_allowed_script_may_carry_an_approval() -> None:
    assert ApprovedScript.permit(SCRIPT, verdict(Decision.ALLOW), approval(), now=LATER).approval == approval()


def permitted() -> ApprovedScript:
    return ApprovedScript.permit(SCRIPT, verdict(Decision.ASK), approval(), now=LATER)


def test_it_is_made_in_no_other_way() -> None:
    with pytest.raises(NotPermitted, match="permit alone"):
        ApprovedScript()


@pytest.mark.parametrize("name", ["script", "verdict", "approval", "other"])
def test_it_never_changes(name: str) -> None:
    given = permitted()
    with pytest.raises(NotPermitted, match="never changes"):
        setattr(given, name, OTHER_SCRIPTS["text"])
    with pytest.raises(NotPermitted, match="never changes"):
        delattr(given, name)
    assert given.script == SCRIPT


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_is_neither_copied_nor_stored(duplicate: object) -> None:
    with pytest.raises(NotPermitted, match="neither copied nor stored"):
        duplicate(permitted())


def test_an_empty_shell_permits_nothing() -> None:
    shell = object.__new__(ApprovedScript)
    with pytest.raises(AttributeError):
        _ = shell.script
