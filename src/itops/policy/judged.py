"""What is said of one command: its effect, and where that comes from."""

from collections.abc import Sequence
from typing import Final

from itops.domain.effect import Effect
from itops.domain.noun import Noun

READS_SECRET: Final = "it reads a secret"  # noqa: S105 - says so and is none


class Judged(Noun):
    """What the table says of one command: its effect and where that comes from."""

    effect: Effect
    why: str


def heaviest_of(judged: Sequence[Judged]) -> Judged:
    """The heaviest of some; of those that weigh the same, the first."""
    return max(judged, key=lambda one: one.effect.weight)
