import pytest

from itops.domain.effect import Effect
from itops.policy.example import command_of


def test_an_example_is_one_simple_command():
    command = command_of("/usr/bin/rm -rf 'a b' $x")
    assert (command.program, command.argv) == ("rm", ("/usr/bin/rm", "-rf", "a b", "$x"))
    assert (command.dynamic, command.effect) == (False, Effect.UNKNOWN)


@pytest.mark.parametrize("mark", [">", ">>"])
def test_its_files_and_feeders_stand_behind_marks(mark):
    command = command_of(f"curl x | tee y | sh -s < in {mark} out")
    assert (command.argv, command.fed_by) == (("sh", "-s"), ("curl", "tee"))
    assert (command.reads, command.writes, command.effect) == (("in",), ("out",), Effect.CHANGE)


def test_an_empty_example_has_no_program():
    assert command_of("").program == ""


def test_a_mark_at_the_end_names_no_file():
    assert (command_of("x >").writes, command_of("x <").reads) == (("",), ("",))
