"""What a folder changes in the library."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from itops.domain.instruction import Instruction, InstructionState
from itops.instructions.library_sync import LIBRARIAN, plan_library, plan_sync, stamp
from itops.instructions.records import Change, Standing
from itops.instructions.runbooks.runbook_loader import LoadReport

DRAFT, PUBLISHED, DEPRECATED = InstructionState.DRAFT, InstructionState.PUBLISHED, InstructionState.DEPRECATED


def told(changes: Sequence[Change]) -> list[tuple[str, tuple[str, ...], InstructionState]]:
    return [(change.id, change.kinds, change.after.state) for change in changes]


@pytest.mark.parametrize(
    ("state", "same", "publish", "kinds"),
    [
        (None, False, False, ("added",)),
        (None, False, True, ("added", "published")),
        (DRAFT, True, False, None),
        (DRAFT, True, True, ("published",)),
        (PUBLISHED, True, False, None),
        (PUBLISHED, True, True, None),
        (PUBLISHED, False, False, ("edited",)),
        (PUBLISHED, False, True, ("edited", "published")),
        (DEPRECATED, False, False, ("edited",)),
    ],
)
def test_a_file_against_what_stands(
    make: Callable[..., Instruction],
    state: InstructionState | None,
    same: bool,
    publish: bool,
    kinds: tuple[str, ...] | None,
) -> None:
    one = make("a")
    standing = {"a": Standing(one.version if same else "old", state, "bob")} if state else {}
    plan = plan_sync([one], standing, publish=publish)
    after = PUBLISHED if publish else DRAFT
    assert told(plan.changes) == ([("a", kinds, after)] if kinds else [])
    report = plan.report
    assert (report.added, report.edited) == ("added" in (kinds or ()), "edited" in (kinds or ()))
    assert report.added + report.edited + report.unchanged == 1


@pytest.mark.parametrize(
    ("standing", "known", "expected"),
    [
        (None, False, [("a", ("added", "published"), PUBLISHED)]),
        (None, True, []),
        (Standing("old", PUBLISHED, LIBRARIAN.id), True, [("a", ("edited",), PUBLISHED)]),
        (Standing("old", DEPRECATED, LIBRARIAN.id), True, [("a", ("edited",), DEPRECATED)]),
        (Standing("old", PUBLISHED, "ann"), True, []),
    ],
)
def test_the_starter_library_leaves_what_a_person_did(
    make: Callable[..., Instruction], standing: Standing | None, known: bool, expected: list[Any]
) -> None:
    before = {"a": standing} if standing else {}
    assert told(plan_library(LoadReport((make("a"),), ()), before, {"a"} if known else set())) == expected


def test_a_folders_stamp_changes_with_its_files(tmp_path: Path) -> None:
    stamps = [stamp(tmp_path)]
    file = tmp_path / "a.md"
    file.write_text("x")
    stamps.append(stamp(tmp_path))
    os.utime(file, ns=(1, 1))
    stamps.append(stamp(tmp_path))
    (tmp_path / "notes.txt").write_text("x")
    assert len(set(stamps)) == 3
    assert stamp(tmp_path) == stamps[-1]
