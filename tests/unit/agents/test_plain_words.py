"""A request as the library would say it."""

import pytest

from itops.agents.plain_words import plain_words


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("restart docker", "restart service docker"),
        ("please restart docker", "please restart service docker"),
        ("is docker running?", "is service docker running?"),
        ("can you restart the docker now pls", "can you restart the service docker now pls"),
        ("disable cups at boot", "disable service cups at boot"),
        ("status of ssh on web1", "status of service ssh on web1"),
        ("remove docker", "remove package docker"),
        ("restart docker container", "restart docker container"),
        ("add bob to docker", "add bob to docker"),
        ("restart webapp", "restart webapp"),
        ("restrat webapp", "restart webapp"),
        ("please unlok user jdoe", "please unlock user jdoe"),
        ("shutdown", "shut down"),
        ("deleted files", "deleted files"),
        ("remote logins", "remote logins"),
        ("chage -l bob", "chage -l bob"),
    ],
)
def test_verbs_are_spelt_right_and_services_called_services(words: str, plain: str) -> None:
    assert plain_words(words) == plain
    assert plain_words(plain) == plain
