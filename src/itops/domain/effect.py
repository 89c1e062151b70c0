"""What a command would do to the world."""

from enum import StrEnum


class Effect(StrEnum):
    """Ordered by weight: a script weighs what its heaviest command weighs."""

    READ = "read"
    CHANGE = "change"
    UNKNOWN = "unknown"
    DESTROY = "destroy"

    @property
    def weight(self) -> int:
        """Position on the scale; unknown weighs more than a change and less than a destroy."""
        return list(Effect).index(self)


def heaviest(effects: "tuple[Effect, ...] | list[Effect]") -> Effect:
    """The effect of a whole: the heaviest of its parts; of nothing, read."""
    return max(effects, key=lambda effect: effect.weight, default=Effect.READ)
