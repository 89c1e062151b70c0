import pytest

from itops.domain.instruction import Block
from itops.scripts.conformance import is_instance

BLOCK = Block(kind="run", language="bash", text="passwd --lock {{ user }}\nid {{ user }} | cat\n")
VALUES = {"user": "bob"}


@pytest.mark.parametrize(
    "text",
    [
        "passwd --lock bob\nid bob | cat\n",
        "passwd --lock bob\n\n  id bob |\n cat # why",
        "passwd   --lock bob; id bob | cat",
    ],
)
def test_layout_and_comments_may_differ(text):
    assert is_instance(text, BLOCK, VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "passwd --lock bob --force\nid bob | cat",
        "passwd --lock eve\nid bob | cat",
        "passwd --lock bob\nid bob | cat; rm x",
        "passwd --lock bob",
        "passwd --lock bob &\nid bob | cat",
        "passwd --lock bob\nid bob | cat > x",
        "passwd --lock bob\nid $(reboot)bob | cat",
        "X=1 passwd --lock bob\nid bob | cat",
        "passwd --lock 'bob\nid bob | cat",
        "",
    ],
)
def test_anything_else_is_a_stranger(text):
    assert not is_instance(text, BLOCK, VALUES)


@pytest.mark.parametrize("values", [{}, {"user": "bob", "other": "x"}, {"user": "a\nb"}])
def test_without_fitting_values_nothing_is_an_instance(values):
    assert not is_instance("passwd --lock bob\nid bob | cat\n", BLOCK, values)


def test_a_template_that_lets_values_become_code_has_no_instances():
    block = Block(kind="run", language="bash", text="eval {{ a }}")
    assert not is_instance("eval x", block, {"a": "x"})


def test_other_languages_are_compared_by_text():
    block = Block(kind="run", language="powershell", text="Get-Item {{ a }}")
    assert is_instance("Get-Item 'x'\n", block, {"a": "x"})
    assert not is_instance("Get-Item  'x'", block, {"a": "x"})
