import os
from pathlib import Path

import pytest

from itops.errors import StoreError
from itops.execution.sent_marks import SentMarks
from itops.testing.approved_scripts import HERE


def test_a_mark_is_found_by_another_process(tmp_path: Path) -> None:
    mark = SentMarks(tmp_path / "sent").set("t-1-1-x", HERE, "abc")
    assert SentMarks(tmp_path / "sent").find("t-1-1-x") == mark
    assert SentMarks(tmp_path / "sent").find("t-1-1-y") is None


def test_what_is_forgotten_is_still_known_until_it_is_swept(tmp_path: Path) -> None:
    marks = SentMarks(tmp_path / "sent")
    mark = marks.set("t-1-1-x", HERE, "abc")
    marks.forget("t-1-1-x")
    marks.forget("t-1-1-x")
    assert marks.find("t-1-1-x") == mark
    assert marks.sweep(older_than_seconds=60) == 0
    for path in (tmp_path / "sent").iterdir():
        os.utime(path, (0, 0))
    assert marks.sweep(older_than_seconds=60) == 1
    assert marks.find("t-1-1-x") is None


def test_what_cant_be_kept_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "sent").write_text("in the way")
    with pytest.raises(StoreError, match="can't be kept") as caught:
        SentMarks(tmp_path / "sent").set("t-1-1-x", HERE, "abc")
    assert caught.value.world == "Nothing ran."


def test_what_cant_be_read_is_no_no(tmp_path: Path) -> None:
    (tmp_path / "t-1-1-x").write_text("{")
    with pytest.raises(StoreError) as caught:
        SentMarks(tmp_path).find("t-1-1-x")
    assert "may have run" in caught.value.world
