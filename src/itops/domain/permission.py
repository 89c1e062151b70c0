"""What a permission is: a value of a type that only its own check can make."""

from typing import ClassVar, NoReturn, Self

from itops.errors import NotPermitted


class Permission:
    """Never made but by ``permit`` of its class, never changed, neither copied nor stored.

    What may be done now is asked again after a restart.
    """

    __slots__ = ()
    named: ClassVar[str] = "A permission"

    def __init__(self) -> None:
        raise NotPermitted(f"{self.named} is made by {type(self).__name__}.permit alone.")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise NotPermitted(f"{self.named} never changes.")

    def __delattr__(self, name: str) -> NoReturn:
        raise NotPermitted(f"{self.named} never changes.")

    def __reduce__(self) -> NoReturn:
        raise NotPermitted(f"{self.named} is neither copied nor stored.")

    @classmethod
    def _made(cls, **values: object) -> Self:
        """One with these values, for ``permit`` when all is checked."""
        permitted = object.__new__(cls)
        for name, value in values.items():
            object.__setattr__(permitted, name, value)
        return permitted
