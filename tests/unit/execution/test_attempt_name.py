import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.target import Platform, Target
from itops.errors import UsageError
from itops.execution.attempt_name import action_of, attempt_name, check_attempt_name

names = st.text(min_size=1, max_size=200)


def target(name: str) -> Target:
    return Target(name=name, platform=Platform.LINUX)


def test_a_plain_name_stays_readable() -> None:
    assert attempt_name("t-abc-1", 2, target("web-1.example")) == "t-abc-1-2-web-1.example"


@given(names)
def test_any_target_gives_a_directory_name_and_its_action_back(name: str) -> None:
    attempt = attempt_name("t-abc-1", 12, target(name))
    check_attempt_name(attempt)
    assert action_of(attempt, target(name)) == "t-abc-1"


@given(names, names)
def test_two_targets_never_share_a_name(one: str, other: str) -> None:
    same = attempt_name("t-1", 1, target(one)) == attempt_name("t-1", 1, target(other))
    assert same == (one == other)


@pytest.mark.parametrize("name", ["web 1", "web/1", "web_1", "web-1", "Web-1", "..", "."])
def test_names_that_look_alike_differ(name: str) -> None:
    others = {"web 1", "web/1", "web_1", "web-1", "Web-1", "..", "."} - {name}
    assert attempt_name("a", 1, target(name)) not in {attempt_name("a", 1, target(other)) for other in others}


@pytest.mark.parametrize("attempt", ["", "../x", "a/b", ".new-x", "a b", "a\n", "x" * 201])
def test_a_name_that_is_no_directory_is_refused(attempt: str) -> None:
    with pytest.raises(UsageError):
        check_attempt_name(attempt)
