import pytest

from itops.scripts.bash_reader import read_bash


@pytest.mark.parametrize(
    "text",
    [
        "$x",
        "a$y b",
        "/tmp/*/x",
        "./a*",
        "'' x",
        "r\u0435m x",
        'printf "$f"',
        "printf -v x y",
        "test -v x",
        "[ $x ]",
        "let x",
        'read "$x"',
        "unset 'a[0]'",
        "mapfile $x",
        "getopts a $x",
        "enable -f x y",
        "complete -C x y",
        "sudo $x",
    ],
)
def test_a_call_that_can_not_be_read_for_certain(text):
    assert read_bash(text).problems


@pytest.mark.parametrize(
    "text", ["[ -f x ]", '[ "$x" = y ]', "read -r x y", "printf '%s' \"$x\"", "unset x", "[ $# -gt 1 ]"]
)
def test_a_call_that_can(text):
    assert not read_bash(text).problems


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("echo ls | sh", ["echo", "ls"]),
        ("echo ls | sh -s", ["echo", "ls"]),
        ("cat f | sh", ["cat", "sh"]),
        ("echo ls | sh f", ["echo", "sh"]),
        ("sh < f", ["sh"]),
        ("sh <<< ls", ["ls"]),
        ("echo bHM= | base64 -d | sh", ["echo", "base64", "sh", "ls"]),
        ("echo ls | sh > o", ["echo", "", "ls"]),
        ("sh --version", ["sh"]),
    ],
)
def test_a_shell_that_reads_its_input_is_followed_where_that_is_literal(text, programs):
    assert [command.program for command in read_bash(text).commands] == programs


def test_variables_that_a_wrapper_hands_on_are_looked_at():
    assert "LD_PRELOAD" in read_bash("sudo LD_PRELOAD=x ls").problems[0]
