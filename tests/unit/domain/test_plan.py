import pytest
from pydantic import TypeAdapter, ValidationError

from itops.domain.plan import Done, NoInstruction, Plan, Planning, Proposal, Question, ScriptProposal, Subtask


def test_a_plan_has_at_least_one_part() -> None:
    with pytest.raises(ValidationError):
        Plan(subtasks=())


@pytest.mark.parametrize("said", [Plan(subtasks=(Subtask(words="look"),)), Question(text="?"), NoInstruction(words="")])
def test_a_plan_or_what_comes_in_its_place_travels_as_json(said: Planning) -> None:
    assert TypeAdapter(Planning).validate_json(said.model_dump_json()) == said


@pytest.mark.parametrize(
    "said", [ScriptProposal(language="bash", text="df"), Question(text="?"), Done(because="x"), NoInstruction(words="")]
)
def test_a_proposal_or_what_comes_in_its_place_travels_as_json(said: Proposal) -> None:
    assert TypeAdapter(Proposal).validate_json(said.model_dump_json()) == said
