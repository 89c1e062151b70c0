from datetime import UTC, datetime

import pytest

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.plan import Done, Plan, Question, Subtask
from itops.domain.target import Platform, Target
from itops.domain.task import Task, TaskState
from itops.errors import InvalidParameter, ProviderError
from itops.workflow.serializer import NounSerializer
from itops.workflow.steps import Pending, Returned

TASK = Task(id="t1", words="ü $(x)", requester=Person(id="alice", roles=("ops",)), submitted_at=datetime.now(UTC))

VALUES = [
    None,
    True,
    1.5,
    "text",
    TASK,
    TaskState.WAITING,
    Effect.READ,
    datetime(2026, 1, 2, tzinfo=UTC),
    (Target(name="local", platform=Platform.LINUX), (1, "two")),
    [Plan(subtasks=(Subtask(words="a", parameters={"user": "alice"}),)), Question(text="?"), Done(because="x")],
    {1: "integer key", (2, 3): "tuple key"},
    {"$kind": "not one of ours"},
    {"args": (TASK,), "kwargs": {"n": 1}},
    Pending(seconds=1.5),
    Returned(because="no"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_every_value_comes_back_as_itself(value):
    serializer = NounSerializer()
    back = serializer.deserialize(serializer.serialize(value))
    assert back == value
    assert type(back) is type(value)


def test_our_errors_come_back_with_all_they_say():
    serializer = NounSerializer()
    error = ProviderError("Away.", world="Nothing ran.", mend="Wait.", transient=True)
    back = serializer.deserialize(serializer.serialize(error))
    assert isinstance(back, ProviderError)
    assert (back.what, back.world, back.mend, back.transient) == ("Away.", "Nothing ran.", "Wait.", True)
    assert isinstance(serializer.deserialize(serializer.serialize(InvalidParameter("x"))), InvalidParameter)


def test_a_foreign_error_keeps_its_words():
    serializer = NounSerializer()
    back = serializer.deserialize(serializer.serialize(KeyError("lost")))
    assert "KeyError" in str(back)
    assert "lost" in str(back)


def test_what_is_no_noun_is_refused_both_ways():
    serializer = NounSerializer()
    with pytest.raises(TypeError):
        serializer.serialize(object())
    with pytest.raises(TypeError):
        serializer.deserialize('{"$kind": "noun", "type": "subprocess:Popen", "value": {}}')
