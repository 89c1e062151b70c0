"""Instances are made by code out of the template; values are never guessed."""

import pytest

from itops.agents.instance import instance_of
from itops.agents.prompting import Unfit
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, Parameter
from itops.domain.outcome import Exchange
from itops.domain.plan import Question, ScriptProposal
from itops.errors import InvalidParameter
from itops.testing.agent_requests import exchange, instruction, propose_request, ranked, step

USER = Parameter(
    name="user", type="user", description="Login name", pattern="^[a-z_][a-z0-9_-]{0,31}$", example="alice"
)
UNLOCK = instruction(
    "linux.user.unlock",
    "Unlock a locked user account",
    "passwd --unlock {{ user }}",
    effect=Effect.CHANGE,
    parameters=(USER,),
)
LIST = instruction(
    "linux.dir.list",
    "List a directory",
    "ls -la {{ path }}",
    parameters=(
        Parameter(name="path", type="path", default="/tmp"),
        Parameter(name="lines", type="count", default="5"),
    ),
)


def made(
    one: Instruction, given: dict[str, str], words: str, *exchanges: Exchange, look: bool = False
) -> ScriptProposal | Question:
    request = propose_request(words, ranked(one), exchanges=exchanges)
    block = one.block("run")
    assert block
    return instance_of(one, block, given, request, look=look, purpose="why")


def text(proposal: ScriptProposal | Question | None) -> str:
    assert isinstance(proposal, ScriptProposal)
    return proposal.text


def test_the_template_is_filled() -> None:
    proposal = made(UNLOCK, {"user": "alice", "made_up": "x"}, "unlock alice")
    assert isinstance(proposal, ScriptProposal)
    assert proposal.text == "passwd --unlock alice"
    assert proposal.instruction == UNLOCK.ref
    assert proposal.parameters == {"user": "alice"}
    assert (proposal.block, proposal.purpose, proposal.look) == ("run", "why", False)


def test_values_are_quoted() -> None:
    assert text(made(LIST, {"path": "/srv/a b;reboot"}, "list it")) == "ls -la '/srv/a b;reboot'"


def test_defaults_stand_where_nothing_is_said() -> None:
    proposal = made(LIST, {}, "list it")
    assert isinstance(proposal, ScriptProposal)
    assert (proposal.text, proposal.parameters, proposal.look) == ("ls -la /tmp", {"path": "/tmp", "lines": "5"}, False)


def test_a_look_stays_a_look() -> None:
    proposal = made(LIST, {}, "list it", look=True)
    assert isinstance(proposal, ScriptProposal)
    assert proposal.look


@pytest.mark.parametrize("given", [{}, {"user": ""}, {"user": "<user>"}, {"user": "{user}"}, {"user": "unknown"}])
def test_a_value_that_nobody_gave_is_asked_for(given: dict[str, str]) -> None:
    asked = made(UNLOCK, given, "unlock the account")
    assert asked == Question(text="Which value is wanted for user (Login name)?", parameter="user")


def test_the_model_can_not_guess_a_name_for_a_change() -> None:
    assert isinstance(made(UNLOCK, {"user": "alice"}, "unlock the account"), Question)
    assert text(made(LIST, {"path": "/var/log"}, "list the logs")) == "ls -la /var/log"


def test_a_name_may_come_from_an_output() -> None:
    seen = step("who", "bob pts/0")
    request = propose_request("unlock who is locked out", ranked(UNLOCK), steps=(seen,))
    block = UNLOCK.block("run")
    assert block
    assert text(instance_of(UNLOCK, block, {"user": "bob"}, request, look=False, purpose="")) == "passwd --unlock bob"


def test_what_the_model_left_out_is_read_from_the_words() -> None:
    assert text(made(UNLOCK, {}, "unlock the account of user alice")) == "passwd --unlock alice"


def test_what_a_person_answered_goes_before_the_model() -> None:
    answered = exchange("Which value is wanted for user (Login name)?", "bob", parameter="user")
    assert text(made(UNLOCK, {"user": "alice"}, "unlock alice or bob", answered)) == "passwd --unlock bob"


def test_a_value_that_fails_its_pattern_is_unfit_and_else_an_error() -> None:
    with pytest.raises(Unfit, match="does not fit") as caught:
        made(UNLOCK, {"user": "Not A Name"}, "unlock Not A Name")
    assert isinstance(caught.value.otherwise, InvalidParameter)
