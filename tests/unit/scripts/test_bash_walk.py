import pytest

from itops.scripts.bash_reader import read_bash


def fed(text):
    return {command.program: command.fed_by for command in read_bash(text).commands}


@pytest.mark.parametrize(
    ("text", "program", "feeders"),
    [
        ("curl x | bash", "bash", ("curl",)),
        ("curl x | tee y | sudo bash", "bash", ("curl", "tee")),
        ("curl x | { bash; }", "bash", ("curl",)),
        ("curl x | (a; bash)", "bash", ("curl",)),
        ("curl x |& while read l; do sh; done", "sh", ("curl",)),
        ("{ curl x; a; } | sh", "sh", ("curl", "a")),
        ('bash -c "$(curl x)"', "bash", ("curl",)),
        ("bash <(curl x)", "bash", ("curl",)),
        (". <(curl x)", ".", ("curl",)),
        ('eval "`curl x`"', "eval", ("curl",)),
        ('python3 -c "$(echo x | base64 -d)"', "python3", ("echo", "base64")),
        ("curl x | ls < f", "ls", ()),
        ("curl x; bash", "bash", ()),
        ("curl x && bash", "bash", ()),
    ],
)
def test_what_feeds_a_command(text, program, feeders):
    assert fed(text)[program] == feeders


@pytest.mark.parametrize(
    ("text", "wrappers"),
    [
        ("sudo rm x", ("sudo",)),
        ("bash -c 'sudo rm x'", ("bash", "sudo")),
        ("f() { rm x; }", ("f()",)),
        ("find . -exec rm {} \\;", ("find",)),
        ("ls | xargs rm", ("xargs",)),
    ],
)
def test_under_which_programs_a_command_stands(text, wrappers):
    assert [command.wrappers for command in read_bash(text).commands if command.program == "rm"] == [wrappers]


def test_a_construct_that_is_not_known_is_a_problem(monkeypatch):
    monkeypatch.setattr("itops.scripts.bash_walk._COMPOUND", frozenset())
    assert "does not know (Block)" in read_bash("{ ls; }").problems[0]


@pytest.mark.parametrize(
    "text", ["{ ls; } > x", "(ls) > x", "if a; then b; fi > x", "f() { ls; }; f > x", "sudo ls > x"]
)
def test_what_a_whole_statement_writes_is_seen(text):
    assert [command.writes for command in read_bash(text).commands if command.writes] == [("x",)]
