import pytest

from itops.domain.instruction import Instruction, InstructionState
from itops.domain.target import Platform
from itops.policy.asked import Asked


def test_nothing_asked_is_a_stranger():
    assert not Asked().is_published


@pytest.mark.parametrize(
    ("state", "published"),
    [(InstructionState.PUBLISHED, True), (InstructionState.DRAFT, False), (InstructionState.DEPRECATED, False)],
)
def test_only_an_instance_of_a_published_instruction_is_published(state, published):
    made = Instruction(id="x", title="X", platform=Platform.LINUX, state=state)
    assert Asked(instance_of=made).is_published is published
