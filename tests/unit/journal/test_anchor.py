import stat
from pathlib import Path

import pytest

from itops.errors import JournalError
from itops.journal.anchor import Anchor, Anchored


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    return Anchor(tmp_path / "anchors", tmp_path / "key")


def test_what_is_written_is_read_and_holds(anchor: Anchor, tmp_path: Path) -> None:
    anchor.write(1, "a" * 64)
    anchor.write(2, "b" * 64)
    assert [line.count('"count"') for line in (tmp_path / "anchors").read_text().split("\n")] == [1, 1, 0]
    assert [(each.count, each.head, each.holds(anchor.key())) for each in anchor.read()] == [
        (1, "a" * 64, True),
        (2, "b" * 64, True),
    ]


def test_a_signature_holds_for_its_words_and_key_only() -> None:
    word = Anchored(count=1, head="a").signed(b"k" * 32)
    assert word.holds(b"k" * 32)
    assert not word.holds(b"K" * 32)
    for change in ({"count": 2}, {"head": "b"}, {"signature": ""}, {"signature": "é" * 64}):
        assert not word.model_copy(update=change).holds(b"k" * 32)


def test_the_key_is_made_once_for_its_owner_alone(anchor: Anchor, tmp_path: Path) -> None:
    key = anchor.key()
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert Anchor(tmp_path / "anchors", tmp_path / "key").key() == key
    assert Anchor(tmp_path / "anchors", tmp_path / "other").key() != key
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "other"]


def test_the_anchors_are_for_their_owner_alone(anchor: Anchor, tmp_path: Path) -> None:
    anchor.write(1, "a")
    assert stat.S_IMODE((tmp_path / "anchors").stat().st_mode) == 0o600


def test_the_first_of_several_processes_makes_the_key(anchor: Anchor, tmp_path: Path, monkeypatch: object) -> None:
    """This one sees no key, and by the time it has made one another process has put its own in place."""
    monkeypatch.setattr(Path, "exists", lambda path: False)
    (tmp_path / "key").write_text("ab" * 32)
    assert anchor.key() == b"\xab" * 32


def test_a_lost_key_is_not_made_anew_where_anchors_stand(anchor: Anchor, tmp_path: Path) -> None:
    anchor.write(1, "a")
    (tmp_path / "key").unlink()
    with pytest.raises(JournalError, match="can't be used"):
        Anchor(tmp_path / "anchors", tmp_path / "key").write(2, "b")
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("text", ["", "ab" * 31, "no hex at all", "é"])
def test_a_bad_key_is_refused(anchor: Anchor, tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(JournalError, match="key"):
        anchor.key()


def test_a_key_where_none_can_be_made_is_an_error_of_the_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="can't be used"):
        Anchor(tmp_path / "anchors", tmp_path / "missing" / "key").key()


def test_a_full_disk_is_an_error_of_the_journal(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32)
    with pytest.raises(JournalError, match="No space left") as caught:
        Anchor(Path("/dev/full"), tmp_path / "key").write(1, "a")
    assert "recorded but not anchored" in caught.value.world


def test_anchors_that_can_t_be_read_are_an_error_of_the_journal(tmp_path: Path) -> None:
    (tmp_path / "anchors").mkdir()
    with pytest.raises(JournalError, match="can't be read"):
        Anchor(tmp_path / "anchors", tmp_path / "key").read()


def test_no_anchors_yet_is_none(anchor: Anchor) -> None:
    assert anchor.read() == []


def test_a_line_after_a_torn_one_stands_by_itself(anchor: Anchor, tmp_path: Path) -> None:
    anchor.write(1, "a")
    with (tmp_path / "anchors").open("ab") as file:
        file.write(b'{"count": 2, "\xff')
    anchor.write(3, "c")
    assert [each.count for each in anchor.read()] == [1, 3]


def test_it_is_due_after_so_many_records(tmp_path: Path) -> None:
    anchor = Anchor(tmp_path / "anchors", tmp_path / "key", every=3, clock=Clock())
    assert [anchor.due() for _ in range(4)] == [False, False, True, True]
    anchor.write(4, "a")
    assert [anchor.due() for _ in range(3)] == [False, False, True]


def test_it_is_due_after_so_long(tmp_path: Path) -> None:
    clock = Clock()
    anchor = Anchor(tmp_path / "anchors", tmp_path / "key", seconds=60, clock=clock)
    clock.now += 59.9
    assert not anchor.due()
    clock.now += 0.1
    assert anchor.due()
    anchor.write(1, "a")
    assert not anchor.due()
