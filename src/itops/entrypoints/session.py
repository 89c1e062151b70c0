"""One call's use of the house: opened from the settings, closed at the end."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import TypeVar

from itops.bootstrap import House
from itops.domain.identity import Person
from itops.settings import load_settings

Given = TypeVar("Given")


def local_person() -> Person:
    """Whoever runs this process on this machine."""
    name = getpass.getuser()
    return Person(id=name, name=name)


def in_session(work: Callable[[House], Awaitable[Given]], **flags: object) -> Given:
    """Do one thing with a house that is opened for it."""
    return asyncio.run(_within(work, flags))


async def _within(work: Callable[[House], Awaitable[Given]], flags: dict[str, object]) -> Given:
    house = House(load_settings(**flags))
    try:
        return await work(house)
    finally:
        house.close()
