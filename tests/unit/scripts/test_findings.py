import pytest

from itops.domain.effect import Effect
from itops.scripts.findings import NO_REDIRECTIONS, Findings, Place, Redirections, program_name
from itops.scripts.words import Word


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/usr/bin/rm", "rm"),
        ("/bin/ls", "ls"),
        ("/usr/local/sbin/x", "x"),
        ("rm", "rm"),
        ("/tmp/rm", "/tmp/rm"),
        ("./rm", "./rm"),
        ("/usr/bin/../x/rm", "/usr/bin/../x/rm"),
    ],
)
def test_a_program_of_the_system_goes_by_its_name(text, name):
    assert program_name(text) == name


def test_a_command_is_noted_with_its_place():
    findings = Findings()
    place = Place(fed_by=("curl",)).under("sudo")
    findings.command((Word("cat"), Word("$x", dynamic=True)), Redirections(writes=("o",), reads=("i",)), place, ("id",))
    (command,) = findings.facts().commands
    assert (command.argv, command.dynamic, command.effect) == (("cat", "$x"), True, Effect.CHANGE)
    assert (command.wrappers, command.fed_by, command.writes, command.reads) == (
        ("sudo",),
        ("curl", "id"),
        ("o",),
        ("i",),
    )


def test_redirections_alone_are_a_command_without_a_program():
    findings = Findings()
    findings.redirection(NO_REDIRECTIONS, Place())
    findings.redirection(Redirections(writes=("o",)), Place())
    findings.redirection(Redirections(reads=("i",)), Place())
    noted = [(command.program, command.argv, command.effect) for command in findings.commands]
    assert noted == [("", (">", "o"), Effect.CHANGE), ("", ("<", "i"), Effect.READ)]


def test_a_problem_is_noted_once_and_an_empty_one_never():
    findings = Findings()
    for text in ("a", "", "b", "a"):
        findings.problem(text)
    assert findings.facts().problems == ("a", "b")


def test_a_fork_bomb_destroys():
    findings = Findings()
    findings.fork_bomb("f")
    assert findings.facts().effect is Effect.DESTROY
