from itops.domain.effect import Effect
from itops.policy.judged import Judged, heaviest_of


def test_the_heaviest_is_the_first_of_the_heaviest():
    ones = [Judged(effect=effect, why=why) for effect, why in zip(["read", "change", "change"], "abc", strict=True)]
    assert heaviest_of(ones) == Judged(effect=Effect.CHANGE, why="b")
