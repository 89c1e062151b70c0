"""What shellcheck says, block by block."""

from pathlib import Path

import pytest

from itops.errors import ItOpsUnavailable
from itops.instructions.runbooks import shell_lint
from itops.instructions.runbooks.shell_lint import shell_findings


def test_each_block_gets_its_own_findings() -> None:
    found = shell_findings([("run", "true\nif true; then"), ("verify", "true"), ("rollback", "cd /srv\n")])
    assert found is not None
    assert [bool(one) for one in found] == [True, False, True]
    assert all("The run block, line " in finding for finding in found[0])
    assert "SC2164" in found[2][0]


def test_nothing_to_check_is_nothing_said() -> None:
    assert shell_findings([]) == []


@pytest.mark.parametrize(("severity", "says"), [("warning", False), ("style", True)])
def test_mere_notes_are_said_only_where_asked_for(severity: shell_lint.Severity, says: bool) -> None:
    found = shell_findings([("run", "name=$1\necho $name")], severity=severity)
    assert found is not None
    assert bool(found[0]) is says


def test_a_value_in_the_place_of_a_placeholder_is_no_fault() -> None:
    assert shell_findings([("run", "[ localhost != web1 ] && case web in w*) true ;; esac")]) == [[]]


def test_ones_own_options_for_shellcheck_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2164")
    assert shell_findings([("run", "cd /srv")]) != [[]]


def test_a_shellcheck_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for text in ("#!/bin/sh\necho no json\n", ""):
        program = tmp_path / "shellcheck"
        program.write_text(text)
        program.chmod(0o755 if text else 0o644)
        monkeypatch.setattr(shell_lint, "_program", lambda: str(tmp_path / "shellcheck"))
        with pytest.raises(ItOpsUnavailable, match="shellcheck"):
            shell_findings([("run", "true")])
