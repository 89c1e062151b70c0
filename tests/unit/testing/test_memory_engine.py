import asyncio

import pytest

from itops.app import Wish
from itops.domain.identity import Person
from itops.errors import JournalError
from itops.testing.fake_rooms import FakeHouse
from itops.testing.memory_engine import _Lines

WISH = Wish(words="do it", requester=Person(id="ann"))


async def test_the_same_task_is_started_once():
    house = FakeHouse()
    task = await house.app.submit(WISH)
    story = house.engine._running[task.id]
    await house.engine.start(task)
    assert house.engine._running[task.id] is story


async def test_a_nudge_before_the_wait_is_not_lost():
    house = FakeHouse()
    task = await house.app.submit(WISH)
    await house.engine.settled(task.id)
    await house.engine.nudge(task.id)
    lines = _Lines(house.engine._steps, house.engine._nudges[task.id])
    await asyncio.wait_for(lines.nudged(3600), 5)
    await asyncio.wait_for(lines.nudged(0.01), 5)


async def test_what_stopped_a_story_is_raised_for_who_watches():
    house = FakeHouse()
    task = await house.app.submit(WISH)
    house.engine.check(task.id)
    house.journal.failure = JournalError("The disk is full.")
    await asyncio.wait(house.engine._running.values())
    with pytest.raises(JournalError):
        house.engine.check(task.id)
