import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from itops.domain.approval import Approval
from itops.domain.event import ApprovalRequested, NoInstructionFound, Record, RunFinished, ScriptProposed, TaskEnded
from itops.domain.identity import Person
from itops.domain.instruction import InstructionRef
from itops.domain.plan import NoInstruction
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import TaskState
from itops.instructions.learning.usage import KINDS, Usage, Uses
from itops.redaction import Redactor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCK = InstructionRef(id="a.lock", version="1")
HERE = Target(name="local", platform=Platform.LINUX)


def proposed(action: str, ref: InstructionRef | None = LOCK, block: str = "run", subtask: int = 0):
    script = Script(language="bash", text="x", targets=(HERE,), instruction=ref, block=block)
    return ScriptProposed(task=action.partition("-")[0], key=action, subtask=subtask, action=action, script=script)


def finished(action: str, state: str = "succeeded", seconds: float = 1.0, target: str = "local"):
    result = Result(target=target, state=ResultState(state), attempt="a", seconds=seconds)
    return RunFinished(task=action.partition("-")[0], key=f"{action}.{target}", action=action, result=result)


def asked(action: str):
    approval = Approval(
        id="p",
        task="t",
        action=action,
        digest="",
        policy_version="1",
        requester=Person(id="ann"),
        requested_at=NOW,
        expires_at=NOW,
    )
    return ApprovalRequested(task="t", key="asked", approval=approval)


def missing(task: str, words: str):
    return NoInstructionFound(task=task, key="missing", missing=NoInstruction(words=words))


def ended(task: str, state: TaskState):
    return TaskEnded(task=task, key="ended", state=state)


def usage_of(*events) -> Usage:
    usage = Usage(Redactor().redact)
    for number, event in enumerate(events, start=1):
        usage.take(Record(seq=number, at=NOW + timedelta(seconds=number), event=event, previous="", hash=""))
    return usage


@pytest.mark.parametrize(
    ("states", "checks", "expected"),
    [
        (["succeeded"], [], (1, 1, 0)),
        (["failed"], [], (1, 0, 1)),
        (["timed_out"], [], (1, 0, 1)),
        (["succeeded", "failed"], [], (1, 0, 1)),
        (["succeeded"], ["succeeded"], (1, 1, 0)),
        (["succeeded"], ["failed"], (1, 0, 1)),
        (["cancelled"], [], (1, 0, 0)),
        (["unreachable"], [], (1, 0, 0)),
        (["unknown"], [], (1, 0, 0)),
        ([], [], None),
    ],
)
def test_what_counts_as_a_success_and_a_failure(states, checks, expected):
    events = [proposed("t1-1"), proposed("t1-2", block="verify")]
    events += [finished("t1-1", state, target=str(number)) for number, state in enumerate(states)]
    events += [finished("t1-2", state) for state in checks]
    uses = usage_of(*events).by_version().get(LOCK)
    assert (uses and (uses.uses, uses.succeeded, uses.failed)) == expected


def test_uses_are_summed_up():
    usage = usage_of(
        proposed("t1-1"),
        proposed("t2-1"),
        proposed("t3-1", ref=None),
        asked("t2-1"),
        asked("t9-1"),
        finished("t1-1", seconds=1.0),
        finished("t2-1", seconds=2.0),
        finished("t2-1", seconds=5.0, target="b"),
        finished("t3-1"),
        finished("t9-1"),
    )
    last = NOW + timedelta(seconds=8)
    assert usage.by_version() == {LOCK: Uses(uses=2, succeeded=2, asked=1, seconds=6.0, last_used=last)}


def test_a_check_is_of_the_run_before_it_in_its_subtask():
    usage = usage_of(
        proposed("t1-1"),
        proposed("t1-2", subtask=1),
        proposed("t1-3", block="verify", subtask=1),
        proposed("t1-4", block="verify", subtask=7),
        finished("t1-1"),
        finished("t1-2"),
        finished("t1-3", "failed"),
        finished("t1-4", "failed"),
    )
    assert usage.by_version()[LOCK].failed == 1


def test_the_kinds_may_come_one_after_the_other():
    events = [proposed("t1-1"), asked("t1-1"), finished("t1-1"), missing("t2", "x"), ended("t2", TaskState.FAILED)]
    whole = usage_of(*events).by_version()[LOCK]
    for order in itertools.permutations(events[1:]):
        told = usage_of(events[0], *order).by_version()[LOCK]
        assert replace(told, last_used=whole.last_used) == whole
    assert {event.kind for event in events} == set(KINDS)


def test_tasks_without_an_instruction_are_counted():
    usage = usage_of(ended("t1", TaskState.SUCCEEDED), ended("t2", TaskState.NO_INSTRUCTION))
    assert (usage.tasks, usage.without_instruction) == (2, 1)


def test_the_words_of_what_is_missing_are_counted_once_a_task_without_values_and_secrets():
    usage = usage_of(
        missing("t1", "Clear the printer queue of printers on host web1"),
        missing("t2", "the printers in /srv/rooms are jammed, password=hunter2abc"),
        missing("t3", "water the plants"),
    )
    words = {word.word: word for word in usage.missing_words(20)}
    assert usage.missing_words(1)[0].tasks == 2
    assert usage.missing_words(1)[0].word in ("printer", "printers")
    assert {"plants", "jammed", "queue"} <= set(words)
    assert not {"the", "web", "srv", "rooms", "hunter", "redacted", "of"} & set(words)
    assert "hunter2abc" not in str(words)
    assert words["plants"].example == "water the plants"


def test_a_task_that_is_missing_more_than_one_is_counted_once():
    assert [word.tasks for word in usage_of(missing("t1", "plants"), missing("t1", "plants")).missing_words(5)] == [1]
