"""Whose words are whose: by the journal of a task."""

from datetime import UTC, datetime

from itops.domain.event import InstructionsFound, QuestionAnswered, RunFinished, ScriptProposed
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, InstructionState
from itops.domain.origins import Origins
from itops.domain.plan import NearestInstruction
from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task, Turn
from itops.testing.fake_rooms import FakeLibrary
from itops.testing.memory_journal import MemoryJournal
from itops.workflow.provenance import origins_of

ANN = Person(id="ann")
HERE = Target(name="web1", platform=Platform.LINUX, environment="test", tags=("blue",))
TASK = Task(
    id="t1",
    words="clear the cache",
    requester=ANN,
    submitted_at=datetime.now(UTC),
    targets=("web",),
    history=(Turn(words="what is full?", answer="/srv/cache is full"),),
)


def instruction(state: InstructionState) -> Instruction:
    block = Block(kind="run", language="bash", text="du -s /var/cache")
    return Instruction(
        id=f"play.{state.value}", title="T", platform=Platform.LINUX, prose="Prose.", blocks=(block,), state=state
    )


DRAFT, PUBLISHED = instruction(InstructionState.DRAFT), instruction(InstructionState.PUBLISHED)


async def origins(instance: Instruction | None = None, **script) -> Origins:
    """Of a task that found both instructions, looked, and asked the person twice."""
    journal = MemoryJournal()
    nearest = tuple(NearestInstruction(id=one.id, title=one.title, score=1.0) for one in (DRAFT, PUBLISHED))
    looked = Script(language="bash", text="ls\n/srv", targets=(HERE,))
    result = Result(
        target="web1",
        state=ResultState.SUCCEEDED,
        attempt="a",
        stdout=Output(text="out"),
        stderr=Output(text="err"),
    )
    for event in (
        InstructionsFound(task="t1", key="found.0", subtask=0, found=nearest),
        ScriptProposed(task="t1", key="t1-1.proposed", subtask=0, action="t1-1", script=looked),
        RunFinished(task="t1", key="t1-1.finished", action="t1-1", result=result),
        RunFinished(task="t2", key="t2-1.finished", action="t2-1", result=result),
        QuestionAnswered(task="t1", key="q.0", answer="the old one", by=ANN),
        QuestionAnswered(task="t1", key="q.1", answer="nobody"),
    ):
        await journal.append(event)
    given = Script(language="bash", text="rm x", targets=(HERE,), **script)
    return await origins_of(TASK, given, instance, journal, FakeLibrary(DRAFT, PUBLISHED))


async def test_what_people_said():
    said = (await origins()).said
    assert said == ("clear the cache", "web", "what is full?", "the old one", "web1", "test", "blue")


async def test_what_nobody_vouches_for():
    printed = (await origins()).printed
    assert [one.text for one in printed] == [
        "out\nerr",
        "/srv/cache is full",
        "T\nProse.\ndu -s /var/cache",
        "Prose.",
    ]
    assert [one.source for one in printed] == [
        "the output of step 1 (`ls /srv`) on web1",
        "an earlier answer of this conversation",
        "the instruction play.draft, which is not published",
        "the prose of the instruction play.published",
    ]


async def test_the_commands_of_a_published_instruction_are_as_good_as_said_to_what_is_based_on_it():
    assert "du -s /var/cache" in (await origins(based_on=PUBLISHED.ref)).said
    assert "du -s /var/cache" not in (await origins(based_on=DRAFT.ref)).said


async def test_what_a_script_is_an_instance_of_is_held_against_it_in_its_prose_alone():
    sources = [one.source for one in (await origins(DRAFT)).printed]
    assert "the prose of the instruction play.draft" in sources
    assert "the instruction play.draft, which is not published" not in sources
