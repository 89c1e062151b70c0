"""A worker that is killed at random moments of a task: every line stands exactly once, and every end is honest."""

from pathlib import Path

from itops.testing.kill_play import KillPlay

KILLS = 20


def test_twenty_kills(home: Path, tmp_path: Path) -> None:
    play = KillPlay(home, seed=20)
    play.prepare()
    while play.tally.kills < KILLS:
        play.play()
    tally = play.tally
    assert tally.wrong == []
    assert dict(tally.states) == {"succeeded": tally.plays}
    assert len(tally.moments) > 1, "all kills hit the same moment: this shows nothing"
    assert play.chain_is_whole()
