"""The engine over its real database: what a process's end, death or fault leaves, and who goes on with it."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from itops.domain.event import TaskSubmitted
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision
from itops.errors import ItOpsUnavailable, JournalError, ProviderError, StoreError
from itops.storage.tables import leases
from itops.testing.durable_house import ALICE, TEXTS, DurableHouse, SteadyAgent, open_house
from itops.workflow.task_steps import TaskSteps
from itops.workflow.task_view import TaskView


async def until(house: DurableHouse, task: str, *states: TaskState) -> TaskView:
    async with asyncio.timeout(30):
        while (view := await house.app.status(task)).state not in states:
            await asyncio.sleep(0.01)
    return view


async def ended(house: DurableHouse, task: str) -> TaskView:
    async with asyncio.timeout(30):
        async for _ in house.app.watch(task):
            pass
        await house.app.settled(task)
    return await house.app.status(task)


async def approve(house: DurableHouse, task: str) -> None:
    """Approve each script as it comes, and see the task to its end."""
    for number in range(len(TEXTS)):
        view = await until(house, task, TaskState.WAITING)
        assert len(house.ran) == number
        await house.app.decide(view.approval.id, approve=True, by=ALICE)
        async with asyncio.timeout(30):
            while len(house.ran) == number:
                await asyncio.sleep(0.01)


def process(folder: Path, *words: str) -> "subprocess.Popen[str]":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-m", "itops.testing.durable_house", str(folder), *words], **pipes)


async def line_of(worker: "subprocess.Popen[str]") -> str:
    return (await asyncio.wait_for(asyncio.to_thread(worker.stdout.readline), 60)).strip()


async def killed_in_its_second_script(folder: Path) -> str:
    """The task of a process that was killed with SIGKILL."""
    (folder / "hold").touch()
    worker = process(folder, "submit")
    task = await line_of(worker)
    async with asyncio.timeout(60):
        while not (folder / "held").exists():
            await asyncio.sleep(0.01)
    worker.kill()
    worker.communicate()
    (folder / "hold").unlink()
    return task


def lease_count(house: DurableHouse) -> int:
    return house.database.run_here(lambda each: each.execute(select(func.count()).select_from(leases)).scalar())


async def test_a_task_goes_from_start_to_end_and_gives_its_lease_back(tmp_path):
    with open_house(tmp_path) as house:
        view = await ended(house, await house.submit())
        assert view.state is TaskState.SUCCEEDED
        assert house.ran == list(TEXTS)
        assert lease_count(house) == 1
    assert lease_count(house) == 0


async def test_the_same_task_is_started_once(tmp_path):
    with open_house(tmp_path) as house:
        task = await house.submit()
        await house.engine.start((await house.app.status(task)).task)
        await ended(house, task)
        await house.engine.start((await house.app.status(task)).task)
        assert house.ran == list(TEXTS)


async def test_who_waits_for_an_approval_goes_on_in_the_next_process(tmp_path):
    with open_house(tmp_path, decision=Decision.ASK) as house:
        task = await house.submit()
        await until(house, task, TaskState.WAITING)
    with open_house(tmp_path, decision=Decision.ASK) as house:
        await approve(house, task)
        view = await ended(house, task)
        assert (view.state, house.ran) == (TaskState.SUCCEEDED, list(TEXTS))
        proposed = [record for record in await house.journal.read(task=task) if record.event.kind == "plan.made"]
        assert len(proposed) == 1
        assert len(house.agent.requests) == 2, "the first line was proposed by the process before"


async def test_an_approval_that_came_while_no_process_lived_is_taken_up(tmp_path):
    with open_house(tmp_path, decision=Decision.ASK) as house:
        task = await house.submit()
        view = await until(house, task, TaskState.WAITING)
    with open_house(tmp_path, decision=Decision.ASK) as house:
        await house.desk.decide(view.approval.id, approve=True, by=ALICE)
        assert await house.engine.take_over() == [task]
        assert (await until(house, task, TaskState.WAITING)).approval.id != view.approval.id
        assert house.ran == ["first"]


async def test_a_nudge_before_the_wait_is_not_lost(tmp_path):
    """The decision falls between the story's look and its wait."""

    class DecidedMeanwhile(TaskSteps):
        async def decision(self, task, approval, look):
            seen = await super().decision(task, approval, look)
            if look == 0:
                await house.app.decide(approval.id, approve=True, by=ALICE)
            return seen

    with open_house(tmp_path, decision=Decision.ASK) as house:
        house.engine._steps = lambda: DecidedMeanwhile(house.rooms)
        assert (await ended(house, await house.submit())).state is TaskState.SUCCEEDED


async def test_a_task_that_was_recorded_but_never_started_is_resumed_or_cancelled(tmp_path):
    with open_house(tmp_path) as house:
        for name in ("one", "two"):
            task = Task(id=name, words="do it", requester=ALICE, submitted_at=datetime.now(UTC))
            await house.journal.append(TaskSubmitted(task=name, key="submitted", submitted=task))
        await house.app.resume("one")
        await house.app.cancel("two", by=ALICE)
        assert (await ended(house, "one")).state is TaskState.SUCCEEDED
        assert (await ended(house, "two")).state is TaskState.CANCELLED


async def test_a_task_whose_process_died_in_its_first_line_is_resumed(tmp_path):
    class Stuck(TaskSteps):
        async def resolve(self, task):
            await asyncio.sleep(3600)

    with open_house(tmp_path) as house:
        house.engine._steps = lambda: Stuck(house.rooms)
        task = await house.submit()
    with open_house(tmp_path) as house:
        await house.app.resume(task)
        assert (await ended(house, task)).state is TaskState.SUCCEEDED


async def test_a_killed_process_is_gone_on_from_after_its_last_line(tmp_path):
    task = await killed_in_its_second_script(tmp_path)
    with open_house(tmp_path) as house:
        assert house.ran == ["first"]
        assert await house.engine.take_over() == [task]
        assert (await ended(house, task)).state is TaskState.SUCCEEDED
        assert house.ran == list(TEXTS)
        assert await house.engine.take_over() == []


async def test_a_worker_that_watches_takes_over_what_the_dead_left(tmp_path):
    task = await killed_in_its_second_script(tmp_path)
    with open_house(tmp_path) as house:
        watching = asyncio.create_task(house.app.work())
        assert (await ended(house, task)).state is TaskState.SUCCEEDED
        watching.cancel()


async def test_one_of_two_competitors_takes_a_task_over(tmp_path):
    task = await killed_in_its_second_script(tmp_path)
    workers = [process(tmp_path, "take", task) for _ in range(2)]
    try:
        assert [await line_of(worker) for worker in workers] == ["ready", "ready"]
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        assert sorted([await line_of(worker) for worker in workers]) == ["0", "1"]
        with open_house(tmp_path) as house:
            assert (await until(house, task, TaskState.SUCCEEDED)).state.ended
            assert house.ran == list(TEXTS)
    finally:
        for worker in workers:
            worker.communicate("stop\n")


async def test_the_task_of_a_living_process_is_never_taken_over(tmp_path):
    (tmp_path / "hold").touch()
    worker = process(tmp_path, "submit")
    try:
        task = await line_of(worker)
        with open_house(tmp_path) as house:
            assert await house.engine.take_over() == []
            await house.app.resume(task)
            (tmp_path / "hold").unlink()
            assert (await until(house, task, TaskState.SUCCEEDED)).state.ended
            assert house.ran == list(TEXTS)
    finally:
        worker.kill()
        worker.communicate()


async def test_an_error_of_a_line_is_the_same_when_the_story_is_told_again(tmp_path):
    """The plan fails; the story stops before its end; another process is told the plan's failure by the engine."""

    class Dead(SteadyAgent):
        async def plan(self, request):
            raise ProviderError("The model is away.", world="Nothing ran.", mend="Wait.")

    class Stuck(TaskSteps):
        async def finish(self, task, outcome):
            reached.set()
            await asyncio.sleep(3600)

    reached = asyncio.Event()
    with open_house(tmp_path, agent=Dead()) as house:
        house.engine._steps = lambda: Stuck(house.rooms)
        task = await house.submit()
        await asyncio.wait_for(reached.wait(), 30)
    with open_house(tmp_path) as house:
        await house.app.resume(task)
        view = await ended(house, task)
        assert (view.state, view.ended.error, view.exit_code) == (TaskState.FAILED, "ProviderError", 6)
        assert view.ended.because == "The model is away. Nothing ran. Wait."


async def test_a_fault_of_ours_ends_the_task_in_words(tmp_path):
    class Faulty(SteadyAgent):
        async def plan(self, request):
            raise ZeroDivisionError("a fault")

    with open_house(tmp_path, agent=Faulty()) as house:
        view = await ended(house, await house.submit())
        assert (view.state, view.exit_code) == (TaskState.FAILED, 6)
        assert "ZeroDivisionError: a fault" in view.ended.because


async def test_an_end_that_can_not_be_recorded_is_told_and_tried_again(tmp_path):
    class FullDisk(TaskSteps):
        async def finish(self, task, outcome):
            if is_full:
                raise JournalError("The disk is full.")
            await super().finish(task, outcome)

    is_full = True
    with open_house(tmp_path) as house:
        house.engine._steps = lambda: FullDisk(house.rooms)
        task = await house.submit()
        for _ in range(2):
            with pytest.raises(JournalError, match="disk is full"):
                await ended(house, task)
            await asyncio.wait_for(house.app.settled(task), 1)
            await house.app.resume(task)
        is_full = False
        await house.app.resume(task)
        async with asyncio.timeout(30):
            while (await house.app.status(task)).state is not TaskState.SUCCEEDED:
                await house.engine.take_over()
                await asyncio.sleep(0.05)
        assert house.ran == list(TEXTS)


async def test_a_corrupt_database_is_said_and_the_lease_given_back(tmp_path):
    database = tmp_path / "workflow.db"
    database.write_bytes(b"this is no database " * 500)
    with open_house(tmp_path) as house:
        for _ in range(2):
            with pytest.raises(StoreError, match="not a database"):
                house.engine.launch()
            assert lease_count(house) == 0
        database.unlink()
        assert (await ended(house, await house.submit())).state is TaskState.SUCCEEDED


async def test_a_closed_engine_leaves_its_loop_usable(tmp_path):
    with open_house(tmp_path) as house:
        await house.submit()
    assert await asyncio.to_thread(lambda: 1) == 1


async def test_settled_does_not_wait_for_what_this_process_does_not_run(tmp_path):
    with open_house(tmp_path) as house:
        await asyncio.wait_for(house.engine.settled("unknown"), 5)
        house.engine.launch()
        await asyncio.wait_for(house.engine.settled("unknown"), 5)


async def test_an_engine_that_stopped_says_so_in_our_words(tmp_path):
    class Broken(TaskSteps):
        def __getattribute__(self, name):
            if name == "resolve":
                raise RuntimeError("gone")
            return super().__getattribute__(name)

    with open_house(tmp_path) as house:
        house.engine._steps = lambda: Broken(house.rooms)
        with pytest.raises(ItOpsUnavailable, match="RuntimeError: gone"):
            await ended(house, await house.submit())
