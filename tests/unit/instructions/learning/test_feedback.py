from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.event import InstructionRated
from itops.domain.identity import Person
from itops.domain.instruction import InstructionRef
from itops.instructions.change_log import generation
from itops.instructions.learning import feedback
from itops.instructions.learning.feedback import LARGEST_SHIFT, Feedback, rank_shift

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VOTES = st.integers(0, 10_000)


def rated(ref: InstructionRef, opinion: str, *, task: str = "t1", by: str = "ann", comment: str = ""):
    person = Person(id=by)
    return InstructionRated(task=task, key="k", instruction=ref, opinion=opinion, comment=comment, by=person)


@pytest.fixture
async def known(manager, make, ann) -> InstructionRef:
    return (await manager.add(make("a.b"), by=ann, publish=True)).ref


@pytest.fixture
def say(database, known):
    async def say(opinion: str, ref: InstructionRef = known, **more: str) -> None:
        event = rated(ref, opinion, **more)
        await database.run(lambda one: feedback.put(one, event, at=NOW))

    return say


async def test_a_later_opinion_replaces_an_earlier_one_of_the_same_person_and_task(database, say):
    await say("wrong")
    await say("helped")
    assert await database.read(feedback.standing) == {"a.b": Feedback(helped=1)}
    await say("outdated", by="bob")
    await say("helped", task="t2")
    assert await database.read(feedback.standing) == {"a.b": Feedback(helped=2, outdated=1)}


async def test_what_was_said_of_an_older_version_does_not_count(database, manager, make, ann, known, say):
    await say("wrong", comment="it fails")
    edited = await manager.edit(make("a.b", run="uptime -p"), by=ann)
    assert await database.read(feedback.standing) == {}
    assert await database.read(feedback.complaints) == {}
    await say("helped", ref=edited.ref, task="t2")
    assert await database.read(feedback.standing) == {"a.b": Feedback(helped=1)}
    await manager.remove("a.b", by=ann)
    assert await database.read(feedback.standing) == {}


async def test_every_process_is_told_to_look_again(database, say):
    before = await database.read(generation)
    await say("helped")
    assert await database.read(generation) != before


async def test_the_latest_complaint_is_kept_with_its_words(database, say):
    await say("helped", comment="fine")
    assert await database.read(feedback.complaints) == {}
    await say("outdated", by="bob", comment="use w")
    assert await database.read(feedback.complaints) == {"a.b": "use w"}


@pytest.mark.parametrize(
    ("votes", "least", "most"),
    [
        (Feedback(), 0, 0),
        (Feedback(helped=1), 0.001, 0.01),
        (Feedback(wrong=1), -0.01, -0.001),
        (Feedback(outdated=1), -0.01, -0.001),
        (Feedback(helped=10), 0.04, 0.05),
        (Feedback(helped=100, wrong=1), 0.07, LARGEST_SHIFT),
        (Feedback(helped=3, wrong=2, outdated=1), 0, 0),
    ],
)
def test_what_votes_are_worth(votes, least, most):
    assert least <= rank_shift(votes) <= most


@given(VOTES, VOTES, VOTES)
def test_a_shift_is_bounded_and_each_voice_moves_it_a_little_its_own_way(helped, wrong, outdated):
    shift = rank_shift(Feedback(helped, wrong, outdated))
    assert abs(shift) < LARGEST_SHIFT
    assert 0 < rank_shift(Feedback(helped + 1, wrong, outdated)) - shift < 0.02
    assert -0.02 < rank_shift(Feedback(helped, wrong + 1, outdated)) - shift < 0
    assert -0.02 < rank_shift(Feedback(helped, wrong, outdated + 1)) - shift < 0
