import inspect

import dbos
import pytest

from itops.errors import InvalidParameter, ItOpsUnavailable
from itops.workflow.durable_steps import DurableSteps, Unfinished
from itops.workflow.steps import Steps

LINES = sorted(name for name in vars(Steps) if not name.startswith("_"))


class Recorder:
    """Stands for the steps: each says its name and what it was given, or raises what it was told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def __getattr__(self, name: str):
        async def line(*arguments):
            if self._error:
                raise self._error
            return (name, *arguments)

        line.__name__ = name
        return line


@pytest.fixture
def engine_lines(monkeypatch) -> list[str]:
    """The names under which the engine kept lines."""
    kept = []

    async def run_step_async(options, work):
        kept.append(options["name"])
        return await work()

    monkeypatch.setattr(dbos.DBOS, "run_step_async", run_step_async)
    return kept


def arguments_of(line: str) -> list[str]:
    return list(inspect.signature(getattr(Steps, line)).parameters)[1:]


@pytest.mark.parametrize("line", [line for line in LINES if line not in ("nudged", "finish")])
async def test_every_line_is_kept_by_its_name_and_given_all_it_was_given(engine_lines, line):
    arguments = arguments_of(line)
    said = await getattr(DurableSteps(Recorder()), line)(*arguments)
    assert engine_lines == [line]
    assert said in ((line, *arguments), None)
    assert said is not None or line in ("ask", "doubt")


async def test_our_errors_pass_and_faults_become_ours(engine_lines):
    error = InvalidParameter("off")
    with pytest.raises(InvalidParameter) as raised:
        await DurableSteps(Recorder(error)).resolve("task")
    assert raised.value is error
    with pytest.raises(ItOpsUnavailable, match="KeyError: 'lost'"):
        await DurableSteps(Recorder(KeyError("lost"))).resolve("task")


async def test_an_end_that_fails_is_no_error_that_the_engine_would_keep(engine_lines):
    error = OSError("disk")
    with pytest.raises(Unfinished) as raised:
        await DurableSteps(Recorder(error)).finish("task", "outcome")
    assert raised.value.__cause__ is error
    assert not isinstance(raised.value, Exception)


async def test_the_wait_is_the_engines(monkeypatch):
    waits = []

    async def recv_async(topic, timeout_seconds):
        waits.append((topic, timeout_seconds))

    monkeypatch.setattr(dbos.DBOS, "recv_async", recv_async)
    await DurableSteps(Recorder()).nudged(5)
    assert waits == [("nudge", 5)]
