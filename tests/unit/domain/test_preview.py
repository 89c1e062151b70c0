"""What may be tried before a person is asked: everything else is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itops.domain.approval import ApprovedScript
from itops.domain.effect import Effect
from itops.domain.instruction import SecretSpec
from itops.domain.preview import PreviewScript
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.errors import NotPermitted

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HERE = Target(name="here", platform=Platform.LINUX)
SCRIPT = Script(language="bash", text="touch /srv/x", targets=(HERE,))


def verdict(script: Script = SCRIPT, **other: Any) -> Verdict:
    said: dict[str, Any] = {
        "decision": Decision.ASK,
        "effect": Effect.CHANGE,
        "reasons": (),
        "digest": script.digest,
        "policy_version": "p1",
        "judged_at": NOON,
        "expires_at": NOON + timedelta(minutes=15),
        "local_files": True,
    }
    return Verdict(**{**said, **other})


def test_a_change_of_local_files_that_asks_may_be_tried() -> None:
    permitted = PreviewScript.permit(SCRIPT, verdict())
    assert (permitted.script, permitted.verdict) == (SCRIPT, verdict())


@pytest.mark.parametrize(
    "other",
    [
        {"decision": Decision.DENY},
        {"decision": Decision.ALLOW},
        {"effect": Effect.READ},
        {"effect": Effect.UNKNOWN},
        {"effect": Effect.DESTROY},
        {"local_files": False},
        {"digest": "another"},
    ],
)
def test_other_verdicts_permit_nothing(other: dict[str, Any]) -> None:
    with pytest.raises(NotPermitted):
        PreviewScript.permit(SCRIPT, verdict(**other))


@pytest.mark.parametrize(
    "other",
    [
        {"language": "powershell"},
        {"secrets": (SecretSpec(name="password"),)},
        {"targets": (HERE, HERE.model_copy(update={"name": "there"}))},
        {"targets": (HERE.model_copy(update={"executor": "ssh"}),)},
        {"targets": (HERE.model_copy(update={"platform": Platform.WINDOWS}),)},
    ],
)
def test_other_scripts_are_not_tried(other: dict[str, Any]) -> None:
    script = SCRIPT.model_copy(update=other)
    with pytest.raises(NotPermitted, match="There is no preview of this script"):
        PreviewScript.permit(script, verdict(script))


def test_it_is_no_approval() -> None:
    assert not isinstance(PreviewScript.permit(SCRIPT, verdict()), ApprovedScript)
