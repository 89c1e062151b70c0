import pytest

from itops.policy.flags import has_flag, parse_arguments

VALUED = frozenset({"-n", "-o", "--name"})


@pytest.mark.parametrize(
    ("argv", "flags", "operands", "values"),
    [
        (("x", "-la", "f"), ("-l", "-a"), ("f",), ()),
        (("x", "-n", "5", "f"), ("-n",), ("f",), (("-n", "5"),)),
        (("x", "-n5", "f"), ("-n",), ("f",), (("-n", "5"),)),
        (("x", "-ln5", "f"), ("-l", "-n"), ("f",), (("-n", "5"),)),
        (("x", "--name", "a", "b"), ("--name",), ("b",), (("--name", "a"),)),
        (("x", "--name=a", "b"), ("--name",), ("b",), (("--name", "a"),)),
        (("x", "--other=a", "b"), ("--other",), ("b",), (("--other", "a"),)),
        (("x", "--", "-l", "--name"), (), ("-l", "--name"), ()),
        (("x", "-", "a"), (), ("-", "a"), ()),
        (("x", "f", "-n"), ("-n",), ("f",), ()),
    ],
)
def test_words_are_taken_apart(argv, flags, operands, values):
    found = parse_arguments(argv, VALUED)
    assert (found.flags, found.operands, found.values, found.words) == (flags, operands, values, argv[1:])


def test_programs_whose_long_options_begin_with_one_dash():
    found = parse_arguments(
        ("find", "/x", "-name", "y", "-delete", "-o=z"), frozenset({"-name", "-o"}), single_dash=True
    )
    assert (found.flags, found.operands) == (("-name", "-delete", "-o"), ("/x",))
    assert found.values == (("-name", "y"), ("-o", "z"))


def test_flags_before_an_operand_are_known():
    found = parse_arguments(("git", "-C", "get", "--x", "push"), frozenset({"-C"}))
    assert found.operands == ("push",)
    assert found.leading == (frozenset({"-C", "--x"}),)


def test_all_that_may_be_a_flag_is_known_however_words_are_taken_apart():
    found = parse_arguments(("x", "-n", "--output=y", "-o5", "--", "-d", "-", "e"), VALUED)
    assert found.possible == {"-n", "--output", "-o", "-5", "-d"}


@pytest.mark.parametrize(
    ("flags", "wanted", "abbreviated", "found"),
    [
        (("--output",), ("--output",), False, True),
        (("--outp",), ("--output",), True, True),
        (("--outp",), ("--output",), False, False),
        (("--o",), ("--output",), True, True),
        (("-o",), ("--output",), True, False),
        (("--",), ("--output",), True, False),
        (("--output-x",), ("--output",), True, False),
        ((), ("-a",), True, False),
    ],
)
def test_the_beginning_of_a_long_flag_may_count(flags, wanted, abbreviated, found):
    assert has_flag(flags, wanted, abbreviated=abbreviated) is found
