"""The engine: DBOS makes each line of the story durable. The only module that knows it.

Each process has an executor id of its own and a lease. A task is run by the process it was started in; when that
process is dead, another takes the task over into its own queue and goes on after the last line that was done.
"""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, cast

from itops.domain.task import Task, TaskState
from itops.errors import ItOpsError, ItOpsUnavailable, StoreError
from itops.storage.database import Database
from itops.workflow.durable_steps import NUDGE, DurableSteps, Unfinished
from itops.workflow.leases import Leases, lock_takeover
from itops.workflow.task_steps import TaskSteps
from itops.workflow.task_workflow import Bounds, run_task

if TYPE_CHECKING:
    import sqlalchemy as sa

# The version of the story's shape, not of the package: an upgrade that keeps the lines takes running tasks along.
STORY_VERSION: Final = "1"
_SETTLE_LOOKS: Final = 1000
_SETTLE_SECONDS: Final = 0.01
_OPEN: Final = ["PENDING", "ENQUEUED"]


class Engine:
    """Starts tasks, nudges them, and takes over those of dead processes."""

    def __init__(
        self,
        *,
        url: str,
        database: Database,
        steps: Callable[[], TaskSteps],
        bounds: Bounds,
        lease_seconds: float,
        poll_seconds: float,
    ) -> None:
        self._url = url
        self._database = database
        self._steps = steps
        self._bounds = bounds
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._executor = uuid.uuid4().hex
        self._queue = f"itops-{self._executor}"
        self._leases = Leases(database, self._executor, seconds=lease_seconds)
        self._stop = threading.Event()
        self._heartbeat: threading.Thread | None = None
        self._has_queue = False
        self._workflow: Callable[[Task], Awaitable[TaskState]] | None = None
        self._stories: dict[str, asyncio.Task[TaskState]] = {}
        self._stopped: dict[str, ItOpsError] = {}

    def launch(self) -> None:
        """Start the engine in this process; started, it goes on.

        Raises:
            StoreError: the engine's database can't be used. Nothing ran.
        """
        if self._workflow is not None:
            return
        from dbos import DBOS

        from itops.workflow.serializer import NounSerializer

        tell = self._teller(DurableSteps(self._steps()))
        self._leases.take()
        try:
            DBOS(
                config={
                    "name": "itops",
                    "system_database_url": self._url,
                    "system_database_engine": _sqlite_engine(self._url),
                    "application_version": STORY_VERSION,
                    "executor_id": self._executor,
                    "serializer": NounSerializer(),
                    "log_level": "CRITICAL",
                    "notification_listener_polling_interval_sec": self._poll_seconds,
                }
            )
            self._workflow = DBOS.workflow(name="task")(tell)
            DBOS.listen_queues([self._queue])
            DBOS.launch()
        except Exception as error:  # DBOS raises what its database raised
            self._workflow = None
            with contextlib.suppress(Exception):
                DBOS.destroy(destroy_registry=True)
            self._leases.give_back()
            raise StoreError(
                f"The workflow engine can't start: {getattr(error, 'orig', None) or error}.",
                mend="Check that the workflow database can be written and is not damaged; `itops doctor` names it.",
            ) from error
        self._heartbeat = threading.Thread(target=self._beat, name="itops-lease", daemon=True)
        self._heartbeat.start()

    async def start(self, task: Task) -> None:
        """Start a task in this process."""
        from dbos import DBOS, SetWorkflowID

        self.launch()
        with _translated(), SetWorkflowID(task.id):
            await DBOS.start_workflow_async(self._workflow, task)  # type: ignore[arg-type]

    async def nudge(self, task: str) -> None:
        """Say that something the task waits for may have happened; take it over if its process is dead."""
        from dbos import DBOS

        self.launch()
        with _translated():
            await DBOS.send_async(task, "look", topic=NUDGE)
        await self.take_over(task)

    def check(self, task: str) -> None:
        """Raise what stopped a task's story in this process before its end could be recorded."""
        if task in self._stopped:
            raise self._stopped[task]

    async def settled(self, task: str) -> None:
        """Wait until a task that has ended is closed in the engine too, if this process runs it."""
        if self._workflow is None or task in self._stopped:
            return
        from dbos import DBOS

        for _ in range(_SETTLE_LOOKS):
            story = self._stories.get(task)
            if story is not None and story.get_loop() is asyncio.get_running_loop():
                await asyncio.wait({story})
                return
            with _translated():
                flow = await DBOS.get_workflow_status_async(task)
            if flow is None or flow.status not in _OPEN or _owner(flow) != self._executor:
                return
            await asyncio.sleep(_SETTLE_SECONDS)

    async def take_over(self, task: str = "") -> list[str]:
        """Go on with the tasks of dead processes, and with those that stopped here (or with this one alone)."""
        self.launch()
        if not self._has_queue:
            from dbos import DBOS

            with _translated():
                await DBOS.register_queue_async(self._queue, polling_interval_sec=self._poll_seconds)
            self._has_queue = True
        with _translated():
            return await asyncio.to_thread(self._take_over, task)

    async def watch_for_dead(self) -> None:
        """Take over what dead processes leave, until cancelled. Long-lived processes run this."""
        while True:
            with contextlib.suppress(ItOpsError):
                await self.take_over()
            await asyncio.sleep(self._lease_seconds / 3)

    def close(self) -> None:
        """Stop; what waits goes on waiting for the next process."""
        if self._workflow is None:
            return
        from dbos import DBOS

        self._stop.set()
        for story in tuple(self._stories.values()):
            story.get_loop().call_soon_threadsafe(story.cancel)
        if self._has_queue:
            with contextlib.suppress(Exception):
                DBOS.delete_queue(self._queue)
        DBOS.destroy(destroy_registry=True)
        with contextlib.suppress(ItOpsError):
            self._leases.give_back()
        with contextlib.suppress(RuntimeError):  # no loop runs here: then none was lent DBOS' threads, which are gone
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())

    def _teller(self, lines: DurableSteps) -> Callable[[Task], Awaitable[TaskState]]:
        async def tell(task: Task) -> TaskState:
            story = cast("asyncio.Task[TaskState]", asyncio.current_task())
            self._stories[task.id] = story
            story.add_done_callback(lambda _: self._stories.pop(task.id, None))
            try:
                return await run_task(task, lines, self._bounds)
            except (Exception, Unfinished) as error:
                self._stopped[task.id] = _ours(error.__cause__ or error, task.id)
                # An error would close the task for good: given up like this, it is left open, to be taken over.
                raise asyncio.CancelledError from error

        return tell

    def _take_over(self, task: str) -> list[str]:
        from dbos import DBOS

        def work(connection: Any) -> list[str]:  # noqa: ANN401 - SQLAlchemy's connection
            lock_takeover(connection)
            living = self._leases.living(connection)
            open_tasks = DBOS.list_workflows(
                workflow_ids=[task] if task else None, status=_OPEN, load_input=False, load_output=False
            )
            orphans = [flow.workflow_id for flow in open_tasks if self._is_left(flow, living)]
            for orphan in orphans:
                self._stopped.pop(orphan, None)
                DBOS.resume_workflow(orphan, queue_name=self._queue)
                DBOS.send(orphan, "look", topic=NUDGE)  # whoever spoke last may have died before they nudged
            return orphans

        return self._database.run_here(work)

    def _is_left(self, flow: Any, living: set[str]) -> bool:  # noqa: ANN401 - DBOS' own status
        return flow.workflow_id in self._stopped or _owner(flow) not in living

    def _beat(self) -> None:
        while not self._stop.wait(self._lease_seconds / 3):
            with contextlib.suppress(ItOpsError):
                self._leases.renew()


def _sqlite_engine(url: str) -> "sa.Engine | None":
    """SQLite with WAL, which makes a step three times as quick; other databases the engine opens itself.

    A power cut may undo the last steps, which are then done again: what a command did is kept by its attempt.
    """
    from sqlalchemy import create_engine, event

    if not url.startswith("sqlite"):
        return None
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """What the engine's own database raises, as an error of ours."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(
            f"The workflow database refuses: {getattr(error, 'orig', None) or error}.",
            mend="Check its disk. `itops tasks` lists what is left open; `itops tasks resume ID` goes on with it.",
        ) from error


def _ours(error: BaseException, task: str) -> ItOpsError:
    """What stopped a story before its end, with what is true of the task now."""
    kind = type(error) if isinstance(error, ItOpsError) else ItOpsUnavailable
    what = error.what if isinstance(error, ItOpsError) else f"The engine stopped: {type(error).__name__}: {error}."
    return kind(
        what,
        world="What ran before stands; the task is left open.",
        mend=f"Mend what is named here; then `itops tasks resume {task}` goes on with it.",
    )


def _owner(flow: Any) -> str:  # noqa: ANN401 - DBOS' own status
    """The executor that a task belongs to: who will take it out of its queue, or who runs it."""
    if flow.status == "ENQUEUED" and flow.queue_name:
        return str(flow.queue_name).removeprefix("itops-")
    return str(flow.executor_id)
