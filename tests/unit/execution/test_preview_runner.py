"""A script to preview in, what it would change out: with names, differences, and no secrets."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.domain.effect import Effect
from itops.domain.preview import Preview, PreviewScript
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision, Verdict
from itops.errors import NotPermitted
from itops.execution.preview_runner import PreviewRunner

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RUNNER = PreviewRunner(
    redact=lambda text: text.replace("hunter2", "***"), is_secret=lambda path: path.endswith(".key"), seconds=20
)


def permitted(text: str) -> PreviewScript:
    script = Script(language="bash", text=text, targets=(Target(name="here", platform=Platform.LINUX),))
    verdict = Verdict(
        decision=Decision.ASK,
        effect=Effect.CHANGE,
        reasons=(),
        digest=script.digest,
        policy_version="p1",
        judged_at=NOON,
        expires_at=NOON,
        local_files=True,
    )
    return PreviewScript.permit(script, verdict)


async def tried(text: str, runner: PreviewRunner = RUNNER) -> Preview:
    preview = await runner.preview(permitted(text))
    if "allows no" in preview.trouble:
        pytest.skip(f"no preview on this system: {preview.trouble}")
    return preview


async def test_what_would_change_is_told_and_nothing_lasts(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("port = 1\n")
    preview = await tried(f"sed -i s/1/2/ {file}; mkdir {tmp_path}/new")
    assert [(change.what, change.path) for change in preview.changes] == [
        ("added", f"{tmp_path}/new"),
        ("changed", str(file)),
    ]
    assert preview.changes[1].diff.splitlines()[3:] == ["-port = 1", "+port = 2"]
    assert (preview.trouble, preview.exit_code, preview.total) == ("", 0, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["settings"]
    assert file.read_text() == "port = 1\n"


async def test_owners_have_names(tmp_path: Path) -> None:
    preview = await tried(f"touch {tmp_path}/x")
    after = preview.changes[0].after
    assert after is not None
    assert after.owner.split(":")[0] == Path(tmp_path).owner()


async def test_secrets_are_hidden(tmp_path: Path) -> None:
    preview = await tried(f"echo hunter2 > {tmp_path}/x; echo hunter2; echo abc > {tmp_path}/y.key")
    assert "hunter2" not in preview.model_dump_json()
    assert [change.diff.splitlines()[3:] for change in preview.changes] == [["+***"], []]


async def test_a_script_that_fails_says_how(tmp_path: Path) -> None:
    preview = await tried(f"touch {tmp_path}/x; cat {tmp_path}/missing; exit 3")
    assert (preview.exit_code, preview.total) == (3, 1)
    assert "No such file" in preview.output


async def test_long_differences_are_cut(tmp_path: Path) -> None:
    preview = await tried(f"seq 3000 > {tmp_path}/x")
    assert preview.changes[0].diff.endswith("… more is not shown …")
    assert len(preview.changes[0].diff) < 5000


async def test_what_takes_too_long_has_no_preview(tmp_path: Path) -> None:
    runner = PreviewRunner(redact=str, is_secret=bool, seconds=1)
    assert (await tried(f"touch {tmp_path}/x; sleep 60", runner)).trouble == "it took longer than 1 s"


async def test_only_a_script_to_preview_is_tried() -> None:
    with pytest.raises(NotPermitted, match="not a Script"):
        await RUNNER.preview(permitted("touch x").script)  # type: ignore[arg-type]


async def test_an_administrator_needs_no_sudo(tmp_path: Path) -> None:
    preview = await tried(f"sudo -n touch {tmp_path}/x; sudo -u nobody touch {tmp_path}/y")
    if os.geteuid() != 0:
        assert "another user" in preview.trouble
        return
    assert [change.path for change in preview.changes] == [f"{tmp_path}/x"]
    assert preview.exit_code == 1
