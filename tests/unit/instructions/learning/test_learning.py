from datetime import UTC, datetime

import pytest

from itops.domain.event import InstructionChanged, InstructionRated
from itops.domain.instruction import InstructionState
from itops.domain.outcome import Step
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.secret import Secret
from itops.domain.target import Platform, Target
from itops.domain.task import Task
from itops.errors import JournalError, UsageError
from itops.instructions.learning import feedback
from itops.instructions.learning.feedback import Feedback
from itops.instructions.learning.learning import Learning
from itops.redaction import Redactor

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HERE = Target(name="local", platform=Platform.LINUX)


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def learning(database, journal, manager, redactor) -> Learning:
    async def library():
        return manager

    return Learning(database=database, journal=journal, library=library, redactor=redactor)


@pytest.fixture
def task(ann) -> Task:
    return Task(id="t1", words="lock bob", requester=ann, submitted_at=NOW)


def step(text: str, **more) -> Step:
    result = Result(target="local", state=ResultState.SUCCEEDED, attempt="a")
    return Step(script=Script(language="bash", text=text, targets=(HERE,), **more), results=(result,))


async def test_feedback_is_in_the_journal_and_counts(learning, manager, make, ann, journal, database):
    refs = [(await manager.add(make(name), by=ann)).ref for name in ("a.b", "a.c")]
    await learning.rate("t1", refs, "wrong", comment="password=hunter2abc fails", by=ann)
    await learning.rate("t1", refs[:1], "helped", comment="", by=ann)
    assert await database.read(feedback.standing) == {"a.b": Feedback(helped=1), "a.c": Feedback(wrong=1)}
    rated = [event for event in journal.events if isinstance(event, InstructionRated)]
    assert [(one.task, one.instruction, one.opinion) for one in rated] == [
        ("t1", refs[0], "wrong"),
        ("t1", refs[1], "wrong"),
        ("t1", refs[0], "helped"),
    ]
    assert "hunter2abc" not in str(rated)


async def test_what_the_journal_does_not_have_does_not_count(learning, manager, make, ann, journal, database):
    ref = (await manager.add(make("a.b"), by=ann)).ref
    journal.failure = JournalError("full")
    with pytest.raises(JournalError):
        await learning.rate("t1", [ref], "wrong", comment="", by=ann)
    assert await database.read(feedback.standing) == {}


async def test_a_draft_is_kept_as_a_draft_only_when_it_is_asked_for(learning, manager, task, ann, journal):
    made = await learning.draft(task, (step("usermod -L bob"),), (), identity="a.new", title="")
    assert await manager.get("a.new") is None
    kept = await learning.keep(made, by=ann)
    assert (kept, kept.state) == (made, InstructionState.DRAFT)
    changed = [event for event in journal.events if isinstance(event, InstructionChanged)]
    assert [(event.change, event.id, event.by) for event in changed] == [("added", "a.new", ann)]
    with pytest.raises(UsageError, match="already"):
        await learning.keep(made, by=ann)


async def test_the_instructions_that_scripts_came_from_lend_their_parameters(learning, manager, make, task, ann):
    parameters = [{"name": "login", "type": "user", "description": "Who"}]
    source = await manager.add(make("a.b", run="usermod -L {{ login }}", parameters=parameters), by=ann, publish=True)
    await manager.edit(make("a.b", run="passwd -l x"), by=ann)
    changed = step("usermod -L bob; true", based_on=source.ref, parameters={"login": "bob"})
    made = await learning.draft(task, (changed,), (), identity="a.new", title="")
    assert made.parameters[0].description == "Who"


@pytest.mark.parametrize(
    ("script", "title", "place"),
    [
        ("true\nmysql --password=hunter2abc", "", "script 1 of the task, line 2"),
        ("true\n\necho correct-horse", "", "script 1 of the task, line 3"),
        ("x\ny [REDACTED:token] z", "", "script 1 of the task, line 2"),
        ("true", "token=ghp_abcdefghijklmnopqrstuvwxyz", "the title, line 1"),
    ],
)
async def test_a_secret_is_refused_with_its_place(learning, redactor, task, script, title, place):
    redactor.learn(Secret("correct-horse"), "battery")
    with pytest.raises(UsageError, match=place) as refusal:
        await learning.draft(task, (step(script),), (), identity="a.new", title=title)
    assert "hunter2abc" not in str(refusal.value)
    assert "Nothing was saved" in refusal.value.world


async def test_a_secret_among_the_words_or_the_values_is_refused(learning, task):
    told = task.model_copy(update={"words": "set password=hunter2abc for bob"})
    with pytest.raises(UsageError, match="the words of the task, line 1"):
        await learning.draft(told, (step("true"),), (), identity="a.new", title="")
    given = step("true", parameters={"key": "ghp_abcdefghijklmnopqrstuvwxyz0123456789"})
    with pytest.raises(UsageError, match="the value key of script 1"):
        await learning.draft(task, (given,), (), identity="a.new", title="")
