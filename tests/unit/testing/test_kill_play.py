import pytest

from itops.testing.kill_play import KillPlay


def test_a_killed_task_is_gone_on_with_and_every_line_stands_once(tmp_path):
    play = KillPlay(tmp_path / "home", seed=4)
    play.prepare()
    play.play()
    assert play.tally.wrong == []
    assert (play.tally.plays, play.tally.states["succeeded"]) == (2, 2)
    assert play.tally.kills >= 1
    assert play.chain_is_whole()


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
