"""What makes it doubtful that a request wants a change."""

import pytest

from itops.agents.doubts import confirmation, without_banned
from itops.agents.parameter_filler import fill
from itops.agents.part_finder import FilledPart
from itops.domain.effect import Effect
from itops.domain.instruction import Parameter
from itops.domain.plan import Question
from itops.errors import TaskCancelled
from itops.testing.agent_requests import exchange, instruction

SERVICE = Parameter(name="service", type="service")
RESTART = instruction(
    "service.restart", "Restart a service", "restart {{ service }}", effect=Effect.CHANGE, parameters=(SERVICE,)
)
STATUS = instruction("service.status", "Show the status of a service", "status {{ service }}", parameters=(SERVICE,))


def parts(words: str, does: object = RESTART) -> list[FilledPart]:
    one = STATUS if does is STATUS else RESTART
    return [FilledPart(words, one, fill(one, words))]


@pytest.mark.parametrize(
    "words",
    [
        "should I restart nginx?",
        "restart nginx without stopping it",
        "restart nginx if it hangs",
        "restart every nginx",
        "restart nginx except on Sunday",
        "restart nginx | tee /tmp/log",
        "nginx was restarted",
        "nginx should not start at boot",
        "restart nginx at 10:00",
    ],
)
def test_a_doubtful_change_is_asked_about_once(words: str) -> None:
    question = confirmation(words, parts(words), ())
    assert isinstance(question, Question)
    assert "Restart a service" in question.text
    assert confirmation(words, parts(words), (exchange("?", "yes, please", parameter=question.parameter),)) is None
    for answer in ("no", "do not", "don't", "perhaps"):
        with pytest.raises(TaskCancelled):
            confirmation(words, parts(words), (exchange("?", answer, parameter=question.parameter),))


@pytest.mark.parametrize(
    "words", ["restart nginx", "please restart nginx", "nginx does not start, restart nginx", "restart nginx on web-2"]
)
def test_a_plain_order_is_not_asked_about(words: str) -> None:
    assert confirmation(words, without_banned(words, parts(words)), ()) is None


@pytest.mark.parametrize(
    "words",
    [
        "don't restart nginx",
        "please do not restart nginx",
        "you should never restart nginx",
        "no need to restart nginx",
    ],
)
def test_what_is_forbidden_is_not_done(words: str) -> None:
    with pytest.raises(TaskCancelled):
        without_banned(words, parts(words))


def test_a_look_is_never_doubtful() -> None:
    words = "is nginx running?"
    assert confirmation(words, without_banned(words, parts(words, STATUS)), ()) is None
