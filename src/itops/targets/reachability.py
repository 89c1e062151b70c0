"""Whether targets can be reached: each is tried through a port, and says why not."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from itops.domain.target import Target
from itops.errors import ItOpsError

_AT_ONCE: Final = 20


class Reach(Protocol):
    """The way to one target."""

    async def __call__(self, target: Target) -> None:
        """Reach it, and do nothing there.

        Raises:
            ItOpsError: it was not reached; says why.
        """
        ...


@dataclass(frozen=True)
class Tried:
    """What came of one target; ``why`` is empty where it was reached."""

    target: Target
    why: str = ""
    mend: str = ""


async def try_each(targets: Sequence[Target], reach: Reach, *, seconds: float) -> list[Tried]:
    """Try each target, some at once; one that fails or does not answer in time stops no other."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(target: Target) -> Tried:
        async with places:
            try:
                async with asyncio.timeout(seconds):
                    await reach(target)
            except ItOpsError as error:
                return Tried(target, error.what, error.mend)
            except TimeoutError:
                return Tried(target, f"It did not answer within {seconds:g} seconds.", "Check address and network.")
            return Tried(target)

    return list(await asyncio.gather(*(one(target) for target in targets)))
