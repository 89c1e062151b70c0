"""Variables whose value is certain."""

import pytest

from itops.scripts.known_values import loop_items, single_values, source_with
from itops.scripts.shfmt import parse


def known(text):
    tree = parse(text)
    return set(single_values(tree, source_with(text, tree)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x=a; y='b'", {"x", "y"}),
        ('x=$TOKEN; y="$x"', {"x", "y"}),
        ("x=a; x=b", set()),
        ("x=a; x+=b", set()),
        ("x='a b'", set()),
        ("x=$(id)", set()),
        ("x=(a b)", set()),
        ("x=a & y=b", {"y"}),
        ("if true; then x=a; fi", set()),
        ("(x=a)", set()),
        ("x=a; read x", set()),
        ("x=a; read y", {"x"}),
        ("x=a; . ./f", set()),
        ("x=a; eval y", set()),
        ("x=a; $c", set()),
        ("x=a; declare -n y=x", set()),
        ("x=a; echo $((x = 1))", set()),
        ("x=a; echo ${x:=b}", set()),
        ("x=a; printf -v x b", set()),
    ],
)
def test_only_what_is_given_once_and_for_certain_is_known(text, names):
    assert known(text) == names


def test_what_the_shell_sets_is_stable_until_the_script_sets_it():
    for text, stable in (("ls $HOME", True), ("HOME=x; ls $HOME", False), ("read HOME", False), ("eval x", False)):
        assert ("HOME" in source_with(text, parse(text)).stable) is stable


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("for x in a b; do :; done", 2),
        ("for x in /var/*.log; do :; done", 1),
        ("for x in $(id); do :; done", 0),
        ("for x in a; do x=b; done", 0),
        ("for x; do :; done", 0),
        ("for x in {1..9}; do :; done", 0),
        ("select x in a b; do :; done", 0),
    ],
)
def test_a_loop_over_literal_words_is_walked_word_by_word(text, count):
    tree = parse(text)
    assert len(loop_items(tree["Stmts"][0]["Cmd"], source_with(text, tree))[1]) == count
