"""The engine over its real database: what a process's end, death or fault leaves, and who goes on with it."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from engine_play import ALICE, TEXTS, Play, PlayAgent, play
from sqlalchemy import func, select

from itops.domain.event import TaskSubmitted
from itops.domain.task import Task, TaskState
from itops.domain.verdict import Decision
from itops.errors import ItOpsUnavailable, JournalError, ProviderError, StoreError
from itops.storage.tables import leases
from itops.workflow.task_steps import TaskSteps
from itops.workflow.task_view import TaskView

SCRIPT = Path(__file__).parent / "engine_play.py"


async def until(parts: Play, task: str, *states: TaskState) -> TaskView:
    async with asyncio.timeout(30):
        while (view := await parts.app.status(task)).state not in states:
            await asyncio.sleep(0.01)
    return view


async def ended(parts: Play, task: str) -> TaskView:
    async with asyncio.timeout(30):
        async for _ in parts.app.watch(task):
            pass
        await parts.app.settled(task)
    return await parts.app.status(task)


async def approve(parts: Play, task: str) -> None:
    """Approve each script as it comes, and see the task to its end."""
    for number in range(len(TEXTS)):
        view = await until(parts, task, TaskState.WAITING)
        assert len(parts.ran) == number
        await parts.app.decide(view.approval.id, approve=True, by=ALICE)
        async with asyncio.timeout(30):
            while len(parts.ran) == number:
                await asyncio.sleep(0.01)


def process(folder: Path, *words: str) -> "subprocess.Popen[str]":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, str(SCRIPT), str(folder), *words], **pipes)


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


def lease_count(parts: Play) -> int:
    return parts.database.run_here(lambda each: each.execute(select(func.count()).select_from(leases)).scalar())


async def test_a_task_goes_from_start_to_end_and_gives_its_lease_back(tmp_path):
    with play(tmp_path) as parts:
        view = await ended(parts, await parts.submit())
        assert view.state is TaskState.SUCCEEDED
        assert parts.ran == list(TEXTS)
        assert lease_count(parts) == 1
    assert lease_count(parts) == 0


async def test_the_same_task_is_started_once(tmp_path):
    with play(tmp_path) as parts:
        task = await parts.submit()
        await parts.engine.start((await parts.app.status(task)).task)
        await ended(parts, task)
        await parts.engine.start((await parts.app.status(task)).task)
        assert parts.ran == list(TEXTS)


async def test_who_waits_for_an_approval_goes_on_in_the_next_process(tmp_path):
    with play(tmp_path, decision=Decision.ASK) as parts:
        task = await parts.submit()
        await until(parts, task, TaskState.WAITING)
    with play(tmp_path, decision=Decision.ASK) as parts:
        await approve(parts, task)
        view = await ended(parts, task)
        assert (view.state, parts.ran) == (TaskState.SUCCEEDED, list(TEXTS))
        proposed = [record for record in await parts.journal.read(task=task) if record.event.kind == "plan.made"]
        assert len(proposed) == 1
        assert len(parts.agent.requests) == 2, "the first line was proposed by the process before"


async def test_an_approval_that_came_while_no_process_lived_is_taken_up(tmp_path):
    with play(tmp_path, decision=Decision.ASK) as parts:
        task = await parts.submit()
        view = await until(parts, task, TaskState.WAITING)
    with play(tmp_path, decision=Decision.ASK) as parts:
        await parts.desk.decide(view.approval.id, approve=True, by=ALICE)
        assert await parts.engine.take_over() == [task]
        assert (await until(parts, task, TaskState.WAITING)).approval.id != view.approval.id
        assert parts.ran == ["first"]


async def test_a_nudge_before_the_wait_is_not_lost(tmp_path):
    """The decision falls between the story's look and its wait."""

    class DecidedMeanwhile(TaskSteps):
        async def decision(self, task, approval, look):
            seen = await super().decision(task, approval, look)
            if look == 0:
                await parts.app.decide(approval.id, approve=True, by=ALICE)
            return seen

    with play(tmp_path, decision=Decision.ASK) as parts:
        parts.engine._steps = lambda: DecidedMeanwhile(parts.rooms)
        assert (await ended(parts, await parts.submit())).state is TaskState.SUCCEEDED


async def test_a_task_that_was_recorded_but_never_started_is_resumed_or_cancelled(tmp_path):
    with play(tmp_path) as parts:
        for name in ("one", "two"):
            task = Task(id=name, words="do it", requester=ALICE, submitted_at=datetime.now(UTC))
            await parts.journal.append(TaskSubmitted(task=name, key="submitted", submitted=task))
        await parts.app.resume("one")
        await parts.app.cancel("two", by=ALICE)
        assert (await ended(parts, "one")).state is TaskState.SUCCEEDED
        assert (await ended(parts, "two")).state is TaskState.CANCELLED


async def test_a_task_whose_process_died_in_its_first_line_is_resumed(tmp_path):
    class Stuck(TaskSteps):
        async def resolve(self, task):
            await asyncio.sleep(3600)

    with play(tmp_path) as parts:
        parts.engine._steps = lambda: Stuck(parts.rooms)
        task = await parts.submit()
    with play(tmp_path) as parts:
        await parts.app.resume(task)
        assert (await ended(parts, task)).state is TaskState.SUCCEEDED


async def test_a_killed_process_is_gone_on_from_after_its_last_line(tmp_path):
    task = await killed_in_its_second_script(tmp_path)
    with play(tmp_path) as parts:
        assert parts.ran == ["first"]
        assert await parts.engine.take_over() == [task]
        assert (await ended(parts, task)).state is TaskState.SUCCEEDED
        assert parts.ran == list(TEXTS)
        assert await parts.engine.take_over() == []


async def test_a_worker_that_watches_takes_over_what_the_dead_left(tmp_path):
    task = await killed_in_its_second_script(tmp_path)
    with play(tmp_path) as parts:
        watching = asyncio.create_task(parts.app.work())
        assert (await ended(parts, task)).state is TaskState.SUCCEEDED
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
        with play(tmp_path) as parts:
            assert (await until(parts, task, TaskState.SUCCEEDED)).state.ended
            assert parts.ran == list(TEXTS)
    finally:
        for worker in workers:
            worker.communicate("stop\n")


async def test_the_task_of_a_living_process_is_never_taken_over(tmp_path):
    (tmp_path / "hold").touch()
    worker = process(tmp_path, "submit")
    try:
        task = await line_of(worker)
        with play(tmp_path) as parts:
            assert await parts.engine.take_over() == []
            await parts.app.resume(task)
            (tmp_path / "hold").unlink()
            assert (await until(parts, task, TaskState.SUCCEEDED)).state.ended
            assert parts.ran == list(TEXTS)
    finally:
        worker.kill()
        worker.communicate()


async def test_an_error_of_a_line_is_the_same_when_the_story_is_told_again(tmp_path):
    """The plan fails; the story stops before its end; another process is told the plan's failure by the engine."""

    class Dead(PlayAgent):
        async def plan(self, request):
            raise ProviderError("The model is away.", world="Nothing ran.", mend="Wait.")

    class Stuck(TaskSteps):
        async def finish(self, task, outcome):
            reached.set()
            await asyncio.sleep(3600)

    reached = asyncio.Event()
    with play(tmp_path, agent=Dead()) as parts:
        parts.engine._steps = lambda: Stuck(parts.rooms)
        task = await parts.submit()
        await asyncio.wait_for(reached.wait(), 30)
    with play(tmp_path) as parts:
        await parts.app.resume(task)
        view = await ended(parts, task)
        assert (view.state, view.ended.error, view.exit_code) == (TaskState.FAILED, "ProviderError", 6)
        assert view.ended.because == "The model is away. Nothing ran. Wait."


async def test_a_fault_of_ours_ends_the_task_in_words(tmp_path):
    class Faulty(PlayAgent):
        async def plan(self, request):
            raise ZeroDivisionError("a fault")

    with play(tmp_path, agent=Faulty()) as parts:
        view = await ended(parts, await parts.submit())
        assert (view.state, view.exit_code) == (TaskState.FAILED, 6)
        assert "ZeroDivisionError: a fault" in view.ended.because


async def test_an_end_that_can_not_be_recorded_is_told_and_tried_again(tmp_path):
    class FullDisk(TaskSteps):
        async def finish(self, task, outcome):
            if is_full:
                raise JournalError("The disk is full.")
            await super().finish(task, outcome)

    is_full = True
    with play(tmp_path) as parts:
        parts.engine._steps = lambda: FullDisk(parts.rooms)
        task = await parts.submit()
        with pytest.raises(JournalError, match="disk is full"):
            await ended(parts, task)
        await asyncio.wait_for(parts.app.settled(task), 5)
        is_full = False
    with play(tmp_path) as parts:
        await parts.app.resume(task)
        with pytest.raises(JournalError):  # what a line said holds: it is not done again behind the engine's back
            await ended(parts, task)


async def test_a_corrupt_database_is_said_and_the_lease_given_back(tmp_path):
    database = tmp_path / "workflow.db"
    database.write_bytes(b"this is no database " * 500)
    with play(tmp_path) as parts:
        for _ in range(2):
            with pytest.raises(StoreError, match="not a database"):
                parts.engine.launch()
            assert lease_count(parts) == 0
        database.unlink()
        assert (await ended(parts, await parts.submit())).state is TaskState.SUCCEEDED


async def test_a_closed_engine_leaves_its_loop_usable(tmp_path):
    with play(tmp_path) as parts:
        await parts.submit()
    assert await asyncio.to_thread(lambda: 1) == 1


async def test_settled_does_not_wait_for_what_this_process_does_not_run(tmp_path):
    with play(tmp_path) as parts:
        await asyncio.wait_for(parts.engine.settled("unknown"), 5)
        parts.engine.launch()
        await asyncio.wait_for(parts.engine.settled("unknown"), 5)


async def test_an_engine_that_stopped_says_so_in_our_words(tmp_path):
    class Broken(TaskSteps):
        def __getattribute__(self, name):
            if name == "resolve":
                raise RuntimeError("gone")
            return super().__getattribute__(name)

    with play(tmp_path) as parts:
        parts.engine._steps = lambda: Broken(parts.rooms)
        with pytest.raises(ItOpsUnavailable, match="RuntimeError: gone"):
            await ended(parts, await parts.submit())
