from datetime import UTC, datetime, timedelta

import pytest

from itops.domain.event import InstructionRated, RunFinished, ScriptProposed, TaskEnded
from itops.domain.identity import Person
from itops.domain.instruction import InstructionState
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import TaskState
from itops.instructions.learning import feedback, library_stats
from itops.instructions.learning.library_stats import LibraryStats, read_stats, read_usage
from itops.instructions.library_sync import LIBRARIAN
from itops.testing.memory_journal import MemoryJournal

HERE = Target(name="local", platform=Platform.LINUX)
LATER = timedelta(days=100)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(clock, database) -> MemoryJournal:
    return MemoryJournal(clock=clock, transaction=database.run)


@pytest.fixture
def use(journal):
    """``use(ref, "failed")`` is a task that used an instruction."""
    tasks = iter(range(1000))

    async def use(ref, state: str = "succeeded") -> None:
        task = f"t{next(tasks)}"
        script = Script(language="bash", text="x", targets=(HERE,), instruction=ref)
        result = Result(target="local", state=ResultState(state), attempt="a", seconds=2.0)
        proposed = ScriptProposed(task=task, key="p", subtask=0, action=f"{task}-1", script=script)
        await journal.append(proposed)
        await journal.append(RunFinished(task=task, key="f", action=f"{task}-1", result=result))
        await journal.append(TaskEnded(task=task, key="ended", state=TaskState.SUCCEEDED))

    return use


@pytest.fixture
def stats(database, journal, clock):
    async def stats(days: int = 90) -> LibraryStats:
        return await read_stats(database, journal, redact=str, days=days, now=clock.now)

    return stats


@pytest.fixture
def say(database):
    async def say(ref, *opinions: str, comment: str = "") -> None:
        for number, opinion in enumerate(opinions):
            by = Person(id="ann")
            rated = InstructionRated(
                task=f"t{number}", key="k", instruction=ref, opinion=opinion, comment=comment, by=by
            )
            await database.run(lambda one, rated=rated: feedback.put(one, rated, at=datetime.now(UTC)))

    return say


def why(found: LibraryStats) -> dict[str, tuple[str, ...]]:
    return {one.id: one.reasons for one in found.review}


async def test_uses_of_all_versions_are_counted_and_feedback_of_the_one_that_stands(
    manager, make, ann, use, stats, say
):
    first = await manager.add(make("a.b"), by=ann, publish=True)
    await use(first.ref)
    await use(first.ref, "failed")
    await say(first.ref, "wrong", "wrong")
    second = await manager.edit(make("a.b", run="uptime -p"), by=ann, publish=True)
    await use(second.ref)
    await say(second.ref, "helped")
    found = await stats()
    [row] = found.instructions
    assert (row.id, row.platform, row.state) == ("a.b", Platform.LINUX, InstructionState.PUBLISHED)
    assert (row.uses, row.succeeded, row.failed, row.mean_seconds) == (3, 2, 1, 2.0)
    assert (row.helped, row.wrong, row.outdated, row.version) == (1, 0, 0, second.version)
    assert (found.tasks, found.without_instruction, found.review) == (3, 0, ())


async def test_the_library_is_counted_by_platform_and_state(manager, make, ann, stats):
    await manager.add(make("a.b"), by=ann)
    await manager.add(make("a.c"), by=ann, publish=True)
    await manager.add(make("a.d", platform=Platform.AWS), by=ann)
    assert (await stats()).library == {
        "linux": {"draft": 1, "published": 1, "deprecated": 0},
        "aws": {"draft": 1, "published": 0, "deprecated": 0},
    }


async def test_what_people_say_is_to_be_reviewed(manager, make, ann, stats, say):
    good, bad, old = [await manager.add(make(f"a.{name}"), by=ann, publish=True) for name in ("good", "bad", "old")]
    await say(good.ref, "helped", "helped", "wrong")
    await say(bad.ref, "wrong", "wrong", "helped")
    await say(old.ref, "outdated", comment="use w")
    assert why(await stats()) == {
        "a.bad": ("2 times said to be wrong, once to have helped",),
        "a.old": ("once said to be outdated: “use w”",),
    }


async def test_what_fails_often_is_to_be_reviewed_unless_it_was_changed_since(manager, make, ann, use, stats):
    one = await manager.add(make("a.b"), by=ann, publish=True)
    await use(one.ref, "failed")
    await use(one.ref, "failed")
    assert why(await stats()) == {}
    await use(one.ref)
    assert why(await stats()) == {"a.b": ("failed in 2 of 3 uses",)}
    for _ in range(4):
        await use(one.ref)
    assert why(await stats()) == {}
    for _ in range(3):
        await use(one.ref, "failed")
    assert why(await stats())
    await manager.edit(make("a.b", run="uptime -p"), by=ann, publish=True)
    assert why(await stats()) == {}


async def test_drafts_wait_for_a_review_and_what_is_deprecated_does_not(manager, make, ann, stats):
    await manager.add(make("a.b"), by=ann)
    assert why(await stats()) == {"a.b": ("a draft that waits for its review, for 0 days",)}
    await manager.deprecate("a.b", by=ann)
    assert why(await stats()) == {}


async def test_what_nobody_uses_is_to_be_reviewed_but_for_the_starter_library(manager, make, ann, use, stats, clock):
    one = await manager.add(make("a.b"), by=ann, publish=True)
    await manager.add(make("a.c"), by=ann, publish=True)
    await manager.add(make("a.starter"), by=LIBRARIAN, publish=True)
    assert why(await stats()) == {}
    clock.now += LATER
    await use(one.ref)
    assert why(await stats()) == {"a.c": ("not used in the last 90 days",)}
    assert why(await stats(days=200)) == {}


async def test_only_the_last_days_are_looked_at_page_by_page(
    manager, make, ann, use, stats, clock, journal, monkeypatch
):
    monkeypatch.setattr(library_stats, "_PAGE", 2)
    one = await manager.add(make("a.b"), by=ann, publish=True)
    for _ in range(3):
        await use(one.ref)
    clock.now += LATER
    assert (await stats()).instructions[0].uses == 0
    for _ in range(5):
        await use(one.ref)
    found = await stats()
    assert (found.instructions[0].uses, found.tasks) == (5, 5)
    assert (await stats(days=101)).instructions[0].uses == 8
    assert (await read_usage(MemoryJournal(), redact=str, since=clock.now)).tasks == 0
