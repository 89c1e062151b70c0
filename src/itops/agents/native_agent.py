"""Native agent: a model of your choice, no framework."""

from itops.agents import answer_writer, script_generator, task_decomposer
from itops.agents.agent_factory import AgentTools
from itops.agents.base_agent import (
    AnswerRequest,
    AnswerThought,
    BaseAgent,
    InstructionSearch,
    PlanRequest,
    PlanThought,
    ProposeRequest,
    ProposeThought,
)
from itops.errors import UsageError
from itops.llm.language_model import LanguageModel


class NativeAgent:
    """Thinks with one model call for a plan, one for each script, one for the answer."""

    name = "native"

    def __init__(self, model: LanguageModel, search: InstructionSearch) -> None:
        self._model = model
        self._search = search

    async def plan(self, request: PlanRequest) -> PlanThought:
        """Split the task into subtasks, or ask, or say that no instruction covers it."""
        return await task_decomposer.plan(self._model, self._search, request)

    async def propose(self, request: ProposeRequest) -> ProposeThought:
        """The next script for this subtask, or a question, or done with the reason."""
        return await script_generator.propose(self._model, request)

    async def answer(self, request: AnswerRequest) -> AnswerThought:
        """The outcome in words; in plain words of our own where the model fails."""
        return await answer_writer.answer(self._model, request)


def create(tools: AgentTools) -> BaseAgent:
    """The native agent.

    Raises:
        UsageError: no model is set.
    """
    if tools.model is None:
        raise UsageError(
            "The native agent needs a model, and none is set.",
            mend="Set ITOPS_LLM=provider:model, or choose the template agent, which needs none.",
        )
    return NativeAgent(tools.model, tools.search)
