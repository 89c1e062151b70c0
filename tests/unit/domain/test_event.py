"""Events are data: every class has a kind of its own, and comes back from JSON as itself."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import ValidationError

from itops.domain.event import EVENT, Event, RunIntended, TaskEnded, TaskEvent, TaskSubmitted
from itops.domain.identity import Person
from itops.domain.task import Task, TaskState

UNION = get_args(get_args(Event)[0])


def test_every_event_is_in_the_union() -> None:
    ours = {event for event in TaskEvent.__subclasses__() if event.__module__ == TaskEvent.__module__}
    assert ours == set(UNION)


def test_every_kind_is_its_own() -> None:
    kinds = [event.model_fields["kind"].default for event in UNION]
    assert len(set(kinds)) == len(kinds)
    assert all(kind.count(".") == 1 for kind in kinds)


def test_an_event_comes_back_from_json_as_its_own_class() -> None:
    ann = Person(id="ann", name="Ann")
    task = Task(id="t", words="look\x00", requester=ann, submitted_at=datetime(2026, 1, 1, tzinfo=UTC))
    for event in (
        TaskSubmitted(task="t", key="submitted", submitted=task),
        RunIntended(task="t", key="k", action="t-1", attempt="a", target="here", digest="d"),
        TaskEnded(task="t", key="end", state=TaskState.FAILED, because="it broke"),
    ):
        back = EVENT.validate_json(event.model_dump_json())
        assert back == event
        assert type(back) is type(event)


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "task.unheard_of", "task": "t", "key": "k"}',
        '{"task": "t", "key": "k", "state": "failed"}',
        '{"kind": "task.ended", "task": "t", "key": "k", "state": "failed", "stray": 1}',
        '{"kind": "task.ended", "task": "t", "state": "failed"}',
    ],
)
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        EVENT.validate_json(text)


def test_an_event_is_frozen() -> None:
    event = TaskEnded(task="t", key="end", state=TaskState.FAILED)
    with pytest.raises(ValidationError):
        event.state = TaskState.SUCCEEDED  # type: ignore[misc]
