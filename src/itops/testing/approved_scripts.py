"""Scripts that may run, for tests of what runs them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from itops.domain.approval import ApprovedScript
from itops.domain.effect import Effect
from itops.domain.sandbox import Sandbox
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict

HERE = Target(name="this-machine", platform=Platform.LINUX)


def approved(
    text: str,
    *targets: Target,
    sandbox: Sandbox | None = None,
    **fields: Any,  # noqa: ANN401 - a script's other fields
) -> ApprovedScript:
    """This text, allowed on the targets (``HERE`` where none is given), confined where a sandbox is given."""
    script = Script.model_validate({"language": "bash", "text": text, "targets": targets or (HERE,), **fields})
    now = datetime.now(UTC)
    verdict = Verdict(
        decision=Decision.ALLOW,
        effect=Effect.READ,
        reasons=(),
        digest=script.digest,
        policy_version="test",
        judged_at=now,
        expires_at=now + timedelta(hours=1),
        sandbox=sandbox,
    )
    return ApprovedScript.permit(script, verdict, None, now=now)
