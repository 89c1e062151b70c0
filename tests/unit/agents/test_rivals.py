"""What a bare name stands for."""

import pytest

from itops.agents.part_finder import Part
from itops.agents.rivals import which_kind, with_kinds
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, Parameter
from itops.errors import TaskCancelled
from itops.testing.agent_requests import exchange, instruction, ranked


def deletes(kind: str) -> Instruction:
    parameter = Parameter(name=kind, type=kind, phrases=("delete {}",))
    return instruction(f"{kind}.delete", f"Delete a {kind}", "x", effect=Effect.DESTROY, parameters=(parameter,))


USER, GROUP = deletes("user"), deletes("group")


def test_a_name_that_may_be_two_things_is_asked_about_and_then_called_what_it_is() -> None:
    question = which_kind(Part("delete bob", ranked(USER, GROUP)), ())
    assert question is not None
    assert question.text == "Is “bob” a user or a group?"
    for answer, words in (("a group", "delete group bob"), ("User!", "delete user bob"), ("both", "delete bob")):
        said = exchange(question.text, answer, parameter=question.parameter)
        assert with_kinds("delete bob", (said,)) == words


def test_a_name_that_is_called_something_is_not_asked_about() -> None:
    assert which_kind(Part("delete user bob", ranked(USER, GROUP)), ()) is None
    assert which_kind(Part("delete bob", ranked(USER)), ()) is None


def test_who_never_says_gets_nothing_done() -> None:
    question = which_kind(Part("delete bob", ranked(USER, GROUP)), ())
    assert question is not None
    asked = (exchange(question.text, "hm", parameter=question.parameter),) * 3
    with pytest.raises(TaskCancelled):
        which_kind(Part("delete bob", ranked(USER, GROUP)), asked)
