"""A preview goes with the question, where there is one, and never stands in its way."""

from datetime import UTC, datetime

from itops.domain.effect import Effect
from itops.domain.event import ApprovalRequested
from itops.domain.preview import Preview, PreviewScript
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.workflow.previewing import preview_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCRIPT = Script(language="bash", text="touch x", targets=(Target(name="here", platform=Platform.LINUX),))


class Tried:
    """Says what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def preview(self, permitted: PreviewScript) -> Preview:
        self.texts.append(permitted.script.text)
        return Preview(trouble="it is only played")


def verdict(*, local_files: bool) -> Verdict:
    return Verdict(
        decision=Decision.ASK,
        effect=Effect.CHANGE,
        reasons=(),
        digest=SCRIPT.digest,
        policy_version="p1",
        judged_at=NOON,
        expires_at=NOON,
        local_files=local_files,
    )


async def test_a_change_of_local_files_is_tried() -> None:
    previews = Tried()
    assert await preview_of(previews, SCRIPT, verdict(local_files=True)) == Preview(trouble="it is only played")
    assert previews.texts == ["touch x"]


async def test_nothing_else_is_tried() -> None:
    previews = Tried()
    assert await preview_of(previews, SCRIPT, verdict(local_files=False)) is None
    assert previews.texts == []


async def test_nothing_is_tried_where_it_is_switched_off() -> None:
    assert await preview_of(None, SCRIPT, verdict(local_files=True)) is None


def test_questions_of_before_have_no_preview() -> None:
    assert ApprovalRequested.model_fields["preview"].default is None
