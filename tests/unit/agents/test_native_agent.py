"""The native agent: few calls, each checked, and none without a model."""

import pytest

from itops.agents.agent_factory import AgentTools, create_agent
from itops.agents.base_agent import AnswerRequest, ProposeRequest
from itops.agents.native_agent import NativeAgent, create
from itops.domain.effect import Effect
from itops.domain.instruction import Parameter, RankedInstruction
from itops.domain.outcome import Outcome, SubtaskReport
from itops.domain.plan import Plan, ScriptProposal
from itops.domain.target import Platform
from itops.domain.task import TaskState
from itops.errors import ProviderError, UsageError
from itops.testing.agent_requests import HERE, instruction, plan_request, ranked, step, task
from itops.testing.scripted_model import ScriptedModel
from itops.testing.smart_model import smart_text

USER = Parameter(name="user", type="user", description="Login name", example="alice")
UNLOCK = instruction(
    "linux.user.unlock", "Unlock account", "passwd -u {{ user }}", effect=Effect.CHANGE, parameters=(USER,)
)
RESET = instruction(
    "linux.user.reset", "Reset password", "passwd -e {{ user }}", effect=Effect.CHANGE, parameters=(USER,)
)
WORDS = "Reset password and unlock account for user bob"


async def search(words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
    del platform
    best = (RESET, UNLOCK) if "password" in words.lower() else (UNLOCK, RESET)
    return list(ranked(*best))[:top]


def test_without_a_model_there_is_none() -> None:
    with pytest.raises(UsageError, match="needs a model") as caught:
        create(AgentTools(search=search))
    assert "ITOPS_LLM" in caught.value.mend


def test_it_comes_in_through_the_plugins_door() -> None:
    agent = create_agent("native", AgentTools(search=search, model=ScriptedModel([])))
    assert isinstance(agent, NativeAgent)
    assert agent.name == "native"


async def test_a_task_of_two_parts_takes_four_calls() -> None:
    model = ScriptedModel(lambda messages: smart_text([message.text for message in messages]))
    agent = create(AgentTools(search=search, model=model))
    planned = await agent.plan(plan_request(WORDS, ranked(RESET, UNLOCK)))
    assert isinstance(planned.planning, Plan)
    plan, reports = planned.planning, []
    assert [subtask.words for subtask in plan.subtasks] == [
        "Reset password for user bob",
        "unlock account for user bob",
    ]
    for subtask in plan.subtasks:
        found = tuple(await search(subtask.words, platform=Platform.LINUX))
        request = ProposeRequest(task=task(WORDS), plan=plan, subtask=subtask, targets=(HERE,), found=found)
        proposal = (await agent.propose(request)).proposal
        assert isinstance(proposal, ScriptProposal)
        done = step(proposal, effect=Effect.CHANGE)
        reports.append(SubtaskReport(subtask=subtask, state=TaskState.SUCCEEDED, steps=(done,)))
    outcome = Outcome(state=TaskState.SUCCEEDED, reports=tuple(reports))
    answered = await agent.answer(AnswerRequest(task=task(WORDS), outcome=outcome))
    assert answered.answer.commands == ("passwd -e bob", "passwd -u bob")
    assert answered.answer.instructions == ("linux.user.reset", "linux.user.unlock")
    assert len(model.asked) == 4


async def test_an_error_of_the_model_comes_through() -> None:
    agent = create(AgentTools(search=search, model=ScriptedModel([ProviderError("down")])))
    with pytest.raises(ProviderError, match="down"):
        await agent.plan(plan_request(WORDS, ranked(RESET, UNLOCK)))
