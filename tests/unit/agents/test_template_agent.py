import pytest

from itops.agents.agent_factory import AgentTools
from itops.agents.base_agent import AnswerRequest, BaseAgent
from itops.agents.template_agent import create
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, Parameter, RankedInstruction
from itops.domain.outcome import Exchange, Outcome
from itops.domain.plan import Done, NoInstruction, Plan, Planning, Proposal, Question, ScriptProposal, Subtask
from itops.domain.target import Platform
from itops.domain.task import TaskState
from itops.errors import InvalidParameter, TaskCancelled
from itops.testing.agent_requests import exchange, instruction, plan_request, propose_request, ranked, step, task

USER = Parameter(name="user", type="user", description="Login name", example="alice")
UNLOCK = instruction(
    "user.unlock", "Unlock a user", "passwd -u {{ user }}", effect=Effect.CHANGE, parameters=(USER,), verify="id"
)
USAGE = instruction(
    "disk.usage", "Show usage", "du {{ path }}", parameters=(Parameter(name="path", type="path", default="/"),)
)


def agent(*library: Instruction) -> BaseAgent:
    async def search(words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        assert platform is Platform.LINUX
        return list(ranked(*library))

    return create(AgentTools(search=search))


async def planned(words: str, *library: Instruction, exchanges: tuple[Exchange, ...] = ()) -> Planning:
    request = plan_request(words, ranked(*library), exchanges)
    return (await agent(*library).plan(request)).planning


async def proposed(words: str, *library: Instruction, **more: object) -> Proposal:
    request = propose_request(words, ranked(*library)).model_copy(update=more)
    return (await agent(*library).propose(request)).proposal


def said(*answers: str) -> tuple[Exchange, ...]:
    return tuple(exchange("which user?", answer, parameter="user") for answer in answers)


async def test_a_plan_carries_the_values_of_its_words() -> None:
    assert await planned("unlock user bob", UNLOCK) == Plan(
        subtasks=(Subtask(words="unlock user bob", parameters={"user": "bob"}),)
    )


async def test_a_missing_value_is_asked_for_with_its_description_and_example() -> None:
    question = await planned("unlock", UNLOCK)
    assert question == Question(text="Unlock a user: which user (Login name)? For example: alice", parameter="user")


async def test_an_answer_completes_the_plan() -> None:
    plan = await planned("unlock", UNLOCK, exchanges=said("it's bob, user bob"))
    assert isinstance(plan, Plan)
    assert plan.subtasks[0].parameters == {"user": "bob"}


async def test_an_answer_that_fails_is_asked_for_again_with_the_reason() -> None:
    question = await planned("unlock", UNLOCK, exchanges=said("$(reboot)"))
    assert isinstance(question, Question)
    assert question.parameter == "user"
    assert "$(reboot)" in question.text


async def test_the_third_answer_that_fails_is_an_error() -> None:
    assert isinstance(await planned("unlock", UNLOCK, exchanges=said("A!", "B!")), Question)
    with pytest.raises(InvalidParameter):
        await planned("unlock", UNLOCK, exchanges=said("A!", "B!", "C!"))


async def test_a_value_that_was_given_and_fails_is_an_error_and_no_guess() -> None:
    with pytest.raises(InvalidParameter, match="Robert"):
        await planned("unlock user Robert');--", UNLOCK)


async def test_words_that_nothing_covers_name_the_nearest_three() -> None:
    near = [instruction(f"i{n}", f"Title {n}") for n in range(4)]
    planning = (await agent(*near).plan(plan_request("bake a cake", ranked(*near, confident=False)))).planning
    assert isinstance(planning, NoInstruction)
    assert planning.words == "bake a cake"
    assert [one.id for one in planning.nearest] == ["i0", "i1", "i2"]


async def test_a_change_under_a_condition_is_put_to_the_person() -> None:
    words = "if user bob is locked out, unlock user bob"
    question = await planned(words, UNLOCK)
    assert isinstance(question, Question)
    assert question.parameter == "confirmation"
    yes, no = (exchange("?", answer, parameter="confirmation") for answer in ("yes, please", "no"))
    assert isinstance(await planned(words, UNLOCK, exchanges=(yes,)), Plan)
    with pytest.raises(TaskCancelled, match="no"):
        await planned(words, UNLOCK, exchanges=(no,))


async def test_a_look_under_a_condition_is_just_done() -> None:
    assert isinstance(await planned("if it is full, show usage of /var", USAGE), Plan)


async def test_a_proposal_is_the_run_block_with_its_values() -> None:
    proposal = await proposed("show usage under /srv/my", USAGE)
    assert proposal == ScriptProposal(
        language="bash",
        text="du /srv/my",
        purpose="Show usage",
        instruction=USAGE.ref,
        parameters={"path": "/srv/my"},
    )


async def test_a_default_fills_what_nobody_said() -> None:
    proposal = await proposed("show usage", USAGE)
    assert isinstance(proposal, ScriptProposal)
    assert proposal.parameters == {"path": "/"}


async def test_values_of_the_plan_are_used() -> None:
    subtask = Subtask(words="unlock the account", parameters={"user": "carol"})
    proposal = await proposed("unlock the account", UNLOCK, subtask=subtask)
    assert isinstance(proposal, ScriptProposal)
    assert proposal.text == "passwd -u carol"


async def test_a_value_of_the_verify_block_alone_is_kept() -> None:
    path = Parameter(name="path", type="path", default="/x")
    one = instruction("one", "One", "true", verify="test -e {{ path }}", parameters=(path,))
    proposal = await proposed("one", one)
    assert isinstance(proposal, ScriptProposal)
    assert proposal.text == "true"
    assert proposal.parameters == {"path": "/x"}


async def test_a_missing_value_is_asked_for_before_a_script() -> None:
    assert isinstance(await proposed("unlock", UNLOCK), Question)


async def test_after_a_success_it_is_done() -> None:
    done = await proposed("unlock user bob", UNLOCK, steps=(step("passwd -u bob"),))
    assert isinstance(done, Done)
    assert done.succeeded


@pytest.mark.parametrize(
    ("last", "because"),
    [
        (step("x", stderr="no such user\n", exit_code=6), "exit code 6 on local: no such user"),
        (step("x", refusal="Rejected by eve: too late"), "Rejected by eve: too late"),
    ],
)
async def test_after_a_failure_it_gives_up_and_says_why(last: object, because: str) -> None:
    done = await proposed("unlock user bob", UNLOCK, steps=(last,))
    assert isinstance(done, Done)
    assert not done.succeeded
    assert because in done.because


async def test_a_script_that_came_back_is_not_sent_again() -> None:
    done = await proposed("unlock user bob", UNLOCK, returned="The target has no passwd.")
    assert isinstance(done, Done)
    assert not done.succeeded
    assert done.because.startswith("The target has no passwd.")


async def test_an_instruction_that_only_describes_is_said_to() -> None:
    done = await proposed("move house", instruction("house", "Move house", prose="Pack everything."))
    assert isinstance(done, Done)
    assert not done.succeeded
    assert "only describes" in done.because
    assert "Pack everything." in done.because


async def test_a_subtask_that_nothing_covers_has_no_script() -> None:
    request = propose_request("bake a cake", ranked(USAGE, confident=False))

    async def search(words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        return list(ranked(USAGE, confident=False))

    proposal = (await create(AgentTools(search=search)).propose(request)).proposal
    assert isinstance(proposal, NoInstruction)


async def test_an_answer_says_that_no_model_wrote_it() -> None:
    request = AnswerRequest(task=task("x"), outcome=Outcome(state=TaskState.CANCELLED, because="Not now."))
    answer = (await agent().answer(request)).answer
    assert answer.text == "Not now.\n\nAnswered from instructions alone, without a model."
