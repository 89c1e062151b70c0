import pytest

from itops.domain.effect import Effect, heaviest


def test_unknown_weighs_more_than_a_change_and_less_than_a_destroy() -> None:
    assert sorted(Effect, key=lambda effect: effect.weight) == [
        Effect.READ,
        Effect.CHANGE,
        Effect.UNKNOWN,
        Effect.DESTROY,
    ]


@pytest.mark.parametrize("kind", [tuple, list])
def test_a_whole_weighs_what_its_heaviest_part_weighs(kind: type) -> None:
    assert heaviest(kind([Effect.READ, Effect.DESTROY, Effect.UNKNOWN])) is Effect.DESTROY
    assert heaviest(kind([Effect.UNKNOWN, Effect.CHANGE])) is Effect.UNKNOWN
    assert heaviest(kind([Effect.READ])) is Effect.READ


def test_nothing_weighs_nothing() -> None:
    assert heaviest(()) is Effect.READ
