import pytest

from itops.testing.kill_play import KillPlay


@pytest.mark.parametrize(
    ("lines", "state", "is_wrong"),
    [
        ("first second third", "succeeded", False),
        ("first second second third", "succeeded", True),
        ("first third", "succeeded", True),
        ("second first third", "succeeded", True),
        ("first second third", "running", True),
    ],
)
def test_a_line_too_many_too_few_or_out_of_order_is_seen(tmp_path, lines, state, is_wrong):
    class Told(KillPlay):
        def _document(self, task):
            return {"state": state, "because": ""}

    play = Told(tmp_path / "home", seed=1)
    (tmp_path / "home-notes.txt").write_text(lines)
    play._look("t1")
    assert bool(play.tally.wrong) is is_wrong
