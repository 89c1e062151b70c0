"""Planning with a model: as few calls as are right, and only what the library covers."""

import pytest

from itops.agents.base_agent import PlanThought
from itops.agents.task_decomposer import plan
from itops.domain.instruction import RankedInstruction
from itops.domain.plan import NoInstruction, Plan, Question
from itops.domain.target import Platform
from itops.testing.agent_requests import exchange, instruction, plan_request, ranked
from itops.testing.scripted_model import ScriptedModel

UNLOCK = instruction("linux.user.unlock", "Unlock a locked user account")
RESET = instruction("linux.user.reset", "Reset a user's password")
BOTH = "Reset password and unlock account for user alice"


class Library:
    """Finds for these words what it is told to."""

    def __init__(self, **found: tuple[RankedInstruction, ...]) -> None:
        self.found, self.asked = found, []

    async def __call__(self, words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        self.asked.append((words, platform))
        return list(self.found.get(words.split(maxsplit=1)[0], ()))[:top]


async def think(model: ScriptedModel, *args: object, library: Library | None = None) -> PlanThought:
    return await plan(model, library or Library(), plan_request(*args))  # type: ignore[arg-type]


def parts(thought: PlanThought) -> list[str]:
    assert isinstance(thought.planning, Plan)
    return [subtask.words for subtask in thought.planning.subtasks]


async def test_a_request_is_split_by_the_model() -> None:
    model = ScriptedModel(['{"subtasks": ["Reset password for alice", "Unlock alice"], "instructions": []}'])
    thought = await think(model, BOTH, ranked(RESET, UNLOCK))
    assert parts(thought) == ["Reset password for alice", "Unlock alice"]
    assert (thought.usage.llm_calls, thought.model) == (1, "scripted")
    assert BOTH in model.asked[0][1].text
    assert "linux.user.unlock: Unlock a locked user account (read)" in model.asked[0][1].text


@pytest.mark.parametrize("words", ["Why is the disk full?", "unlock alice", "show disk usage of /var."])
async def test_one_short_part_with_a_clear_instruction_takes_no_call(words: str) -> None:
    thought = await think(ScriptedModel([]), words, ranked(UNLOCK))
    assert parts(thought) == [words]
    assert thought.usage.llm_calls == 0


@pytest.mark.parametrize("words", ["do a, b", "a then b", "a\nb", "First this. Then that", "mach a und b", "x " * 60])
async def test_what_may_have_parts_is_put_to_the_model(words: str) -> None:
    thought = await think(ScriptedModel(['{"subtasks": []}']), words, ranked(UNLOCK))
    assert thought.usage.llm_calls == 1


async def test_an_empty_plan_is_the_whole_request() -> None:
    assert parts(await think(ScriptedModel(['{"subtasks": ["", " "]}']), BOTH, ranked(UNLOCK))) == [BOTH]


async def test_nothing_found_takes_no_call() -> None:
    thought = await think(ScriptedModel([]), BOTH)
    assert thought.planning == NoInstruction(words=BOTH)


async def test_nothing_confident_and_nothing_picked_is_no_instruction_with_the_nearest() -> None:
    model = ScriptedModel(['{"subtasks": ["bake a cake"], "instructions": ["made.up"]}'])
    thought = await think(model, "bake a cake", ranked(RESET, UNLOCK, confident=False))
    assert isinstance(thought.planning, NoInstruction)
    assert [near.id for near in thought.planning.nearest] == ["linux.user.reset", "linux.user.unlock"]
    assert thought.usage.llm_calls == 1


async def test_what_the_model_picks_of_what_was_found_stands() -> None:
    model = ScriptedModel(['{"subtasks": ["free alice"], "instructions": ["linux.user.unlock"]}'])
    assert parts(await think(model, "free alice", ranked(UNLOCK, confident=False))) == ["free alice"]


async def test_a_part_that_finds_its_instruction_stands() -> None:
    library = Library(unlock=ranked(UNLOCK))
    model = ScriptedModel(['{"subtasks": ["greet", "unlock alice"]}'])
    thought = await think(model, "greet and free alice", ranked(RESET, confident=False), library=library)
    assert parts(thought) == ["greet", "unlock alice"]
    assert library.asked == [("greet", Platform.LINUX), ("unlock alice", Platform.LINUX)]


async def test_a_question_is_put_once() -> None:
    asks = '{"subtasks": [], "question": "Which user?"}'
    words = "reset it and unlock it"
    assert (await think(ScriptedModel([asks]), words, ranked(RESET))).planning == Question(text="Which user?")
    answered = (exchange("Which user?", "alice"),)
    model = ScriptedModel([asks])
    assert parts(await think(model, words, ranked(RESET), answered)) == [words]
    assert "the person answered: alice" in model.asked[0][1].text


async def test_too_many_parts_are_corrected_and_else_the_request_stays_whole() -> None:
    many = '{"subtasks": [' + ", ".join(f'"part {number}"' for number in range(11)) + "]}"
    thought = await think(ScriptedModel([many, '{"subtasks": ["one", "two"]}']), BOTH, ranked(RESET))
    assert (parts(thought), thought.usage.llm_calls) == (["one", "two"], 2)
    assert parts(await think(ScriptedModel([many, many]), BOTH, ranked(RESET))) == [BOTH]


async def test_parts_are_cleaned_and_said_once() -> None:
    model = ScriptedModel(['{"subtasks": ["unlock \\u200balice", "unlock alice", "' + "x" * 900 + '"]}'])
    assert parts(await think(model, BOTH, ranked(RESET))) == ["unlock alice", "x" * 500]
