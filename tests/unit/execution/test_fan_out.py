import asyncio

import pytest

from itops.domain.event import RunFinished, RunIntended
from itops.domain.result import Result, ResultState
from itops.domain.target import Platform, Target
from itops.errors import JournalError, NotPermitted, StoreError, TargetUnreachable
from itops.execution.fan_out import AT_ONCE, Runner
from itops.testing.approved_scripts import HERE, approved
from itops.testing.fake_executor import Behaviour, FakeExecutor
from itops.testing.memory_journal import MemoryJournal

HOSTS = tuple(Target(name=f"web {number}", platform=Platform.LINUX) for number in range(3))


def run(runner: Runner, script: object, attempt: int = 1):
    return runner.run(script, task="t-a", action="t-a-1", attempt=attempt, stop=asyncio.Event())  # type: ignore[arg-type]


async def test_intent_then_result_for_every_target_in_order() -> None:
    journal, fake = MemoryJournal(), FakeExecutor()
    results = await run(Runner({"system": fake}, journal), approved("x", *HOSTS))
    assert [result.target for result in results] == ["web 0", "web 1", "web 2"]
    for host, result in zip(HOSTS, results, strict=True):
        mine = [event for event in journal.events if event.key.startswith(f"t-a-1.1.{host.name}.")]
        intended, finished = mine
        assert isinstance(intended, RunIntended)
        assert isinstance(finished, RunFinished)
        assert (intended.target, intended.attempt) == (host.name, result.attempt)
        assert intended.digest == approved("x", *HOSTS).script.digest
        assert finished.result == result
    assert len({result.attempt for result in results}) == 3


async def test_the_intent_is_recorded_before_it_starts() -> None:
    journal, seen = MemoryJournal(), []

    class Watching(FakeExecutor):
        async def run(self, *args: object, **kwargs: object) -> Result:
            seen.extend(event.kind for event in journal.events)
            return await super().run(*args, **kwargs)

    await run(Runner({"system": Watching()}, journal), approved("x"))
    assert seen == ["run.intended"]


async def test_no_journal_no_execution() -> None:
    journal, fake = MemoryJournal(), FakeExecutor()
    journal.failure = JournalError("The disk is full.")
    with pytest.raises(JournalError):
        await run(Runner({"system": fake}, journal), approved("x", *HOSTS))
    assert fake.starts == []


async def test_what_is_recorded_is_not_run_again() -> None:
    journal = MemoryJournal()
    first = await run(Runner({"system": FakeExecutor(otherwise=Behaviour(stdout=b"1"))}, journal), approved("x"))
    forgetful = FakeExecutor(otherwise=Behaviour(stdout=b"2"))
    assert await run(Runner({"system": forgetful}, journal), approved("x")) == first
    assert forgetful.starts == []
    assert len(journal.events) == 2
    again = await run(Runner({"system": forgetful}, journal), approved("x"), attempt=2)
    assert again[0].stdout.text == "2"


async def test_the_result_that_was_recorded_first_stands() -> None:
    """A worker that slept through its lease must not tell another story than the journal."""
    journal = MemoryJournal()

    class Overtaken(FakeExecutor):
        async def run(self, *args: object, **kwargs: object) -> Result:
            other = Result(target=HERE.name, state=ResultState.SUCCEEDED, attempt="t-a-1-1-x", note="the other's")
            await journal.append(
                RunFinished(task="t-a", key=f"t-a-1.1.{HERE.name}.finished", action="t-a-1", result=other)
            )
            return await super().run(*args, **kwargs)

    fake = Overtaken(otherwise=Behaviour(unknown=True))
    assert (await run(Runner({"system": fake}, journal), approved("x")))[0].note == "the other's"


async def test_an_executor_that_is_not_there_stops_everything_before_it_starts() -> None:
    journal, fake = MemoryJournal(), FakeExecutor()
    far = HOSTS[1].model_copy(update={"executor": "ssh"})
    with pytest.raises(TargetUnreachable, match="'ssh'"):
        await run(Runner({"system": fake}, journal), approved("x", HOSTS[0], far))
    assert fake.starts == []
    assert journal.events == []


async def test_only_an_approved_script() -> None:
    with pytest.raises(NotPermitted):
        await run(Runner({"system": FakeExecutor()}, MemoryJournal()), approved("x").script)


async def test_one_targets_error_waits_for_the_others() -> None:
    journal = MemoryJournal()

    class Partly(FakeExecutor):
        async def run(self, script: object, target: Target, **kwargs: object) -> Result:
            if target == HOSTS[0]:
                raise StoreError("The disk is full.")
            return await super().run(script, target, **kwargs)

    with pytest.raises(StoreError):
        await run(Runner({"system": Partly(otherwise=Behaviour(seconds=0.1))}, journal), approved("x", *HOSTS))
    assert sum(isinstance(event, RunFinished) for event in journal.events) == 2


async def test_not_too_many_at_once() -> None:
    now, most = 0, 0

    class Counting(FakeExecutor):
        async def run(self, *args: object, **kwargs: object) -> Result:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1
            return await super().run(*args, **kwargs)

    many = tuple(Target(name=f"h{number}", platform=Platform.LINUX) for number in range(3 * AT_ONCE))
    assert len(await run(Runner({"system": Counting()}, MemoryJournal()), approved("x", *many))) == len(many)
    assert most == AT_ONCE


async def test_forget_reaches_the_executor() -> None:
    fake = FakeExecutor()
    runner = Runner({"system": fake}, MemoryJournal())
    results = await run(runner, approved("x", *HOSTS))
    for host, result in zip(HOSTS, results, strict=True):
        await runner.forget(host, result.attempt)
    assert fake.forgotten == [result.attempt for result in results]


async def test_started_says_whether_any_target_was_begun() -> None:
    fake = FakeExecutor()
    runner = Runner({"system": fake}, MemoryJournal())
    script = approved("x", *HOSTS).script
    assert not await runner.started(script, action="t-a-1", attempt=1)
    await run(runner, approved("x", *HOSTS))
    assert await runner.started(script, action="t-a-1", attempt=1)
    assert not await runner.started(script, action="t-a-1", attempt=2)


async def test_this_machine_is_reached_and_what_has_no_executor_is_not() -> None:
    runner = Runner({"system": FakeExecutor()}, MemoryJournal())
    await runner.reach(HOSTS[0])
    with pytest.raises(TargetUnreachable, match="'ssh' is not there"):
        await runner.reach(HOSTS[0].model_copy(update={"executor": "ssh"}))
