import pytest
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.policy.conditions import ArgumentConditions, CommandConditions, matches
from itops.policy.example import command_of
from itops.policy.flags import parse_arguments


def holds(text, leading=None, **conditions):
    arguments = parse_arguments(command_of(text).argv, frozenset({"-n", "-o"}))
    return ArgumentConditions(**conditions).hold(arguments, None if leading is None else frozenset(leading))


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("x a", {}),
        ("x status y", {"subcommand": ("status",)}),
        ("x remote show y", {"subcommand": ("remote show",), "operands_max": 1}),
        ("x -la", {"flags_any": ("-a",)}),
        ("x -la", {"flags_none": ("-b",)}),
        ("x -la", {"flags_only": ("-a", "-l")}),
        ("x", {"flags_only": ()}),
        ("x a=b", {"args_any": ("=",)}),
        ("x -n a=b", {"args_any": ("=",)}),
        ("x a", {"args_none": ("=",)}),
        ("x 1 2", {"operands_all": r"\d"}),
        ("x a b", {"first": "a"}),
        ("x s a b", {"subcommand": ("s",), "first": "a"}),
        ("x s t a", {"subcommand": ("s t",), "path": "s", "first": "a"}),
        ("x s t a", {"subcommand": ("s",), "path": "s t", "first": "a"}),
        ("x a b", {"operands_min": 2, "operands_max": 2}),
        ("x -n 5", {"values_all": {"-n": r"\d"}}),
        ("x -o a", {"values_all": {"-n": r"\d"}}),
    ],
)
def test_conditions_that_hold(text, conditions):
    assert holds(text, **conditions)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("x stop status", {"subcommand": ("status",)}),
        ("x remote add", {"subcommand": ("remote show",)}),
        ("x", {"subcommand": ("status",)}),
        ("x a", {"path": "b?"}),
        ("x -l", {"flags_any": ("-a",)}),
        ("x -lb", {"flags_none": ("-b",)}),
        ("x --outp=y", {"flags_none": ("--output",)}),
        ("x -lab", {"flags_only": ("-a", "-l")}),
        ("x -l", {"flags_only": ()}),
        ("x a", {"args_any": ("=",)}),
        ("x -n a=b", {"args_none": ("=",)}),
        ("x 1 a", {"operands_all": r"\d"}),
        ("x 11", {"operands_all": r"\d"}),
        ("x ab", {"first": "a"}),
        ("x", {"first": "a"}),
        ("x a", {"operands_min": 2}),
        ("x a b c", {"operands_max": 2}),
        ("x -n a", {"values_all": {"-n": r"\d"}}),
        ("x -n 55", {"values_all": {"-n": r"\d"}}),
    ],
)
def test_conditions_that_do_not(text, conditions):
    assert not holds(text, **conditions)


def test_where_it_must_be_certain_no_unknown_flag_may_stand_before_a_subcommand():
    assert holds("x -q status", leading=["-q"], subcommand=("status",))
    assert not holds("x --context status delete", leading=["-q"], subcommand=("status",))
    assert holds("x --context status delete", subcommand=("status",))
    assert holds("x status --any", leading=[], subcommand=("status",))


def test_where_it_must_be_certain_an_abbreviation_does_not_count_for_a_flag():
    assert holds("x --li", flags_any=("--list",))
    assert not holds("x --li", leading=[], flags_any=("--list",))


@pytest.mark.parametrize(
    ("text", "held"), [("x -n a", True), ("x -n -5", True), ("x -n -", True), ("x -n-d", True), ("x -n -d", False)]
)
def test_where_it_must_be_certain_no_value_may_pass_for_a_flag(text, held):
    assert holds(text, leading=[]) is held
    assert holds(text)


def test_what_must_not_be_there_is_looked_for_in_values_too():
    assert not holds("x -n --output=y", flags_none=("--output",))
    assert not holds("x -- -b", flags_none=("-b",))


@pytest.mark.parametrize(
    ("text", "conditions", "held"),
    [
        ("mkfs.ext4 x", {"program": ("mkfs.*",)}, True),
        ("mkfs x", {"program": ("mkfs.*",)}, False),
        ("echo x > /etc/a", {"writes_any": ("^/etc/",)}, True),
        ("echo x > /srv/a", {"writes_any": ("^/etc/",)}, False),
        ("cat < /etc/a", {"reads_any": ("^/etc/",)}, True),
        ("cat < /srv/a", {"reads_any": ("^/etc/",)}, False),
        ("curl x | sh", {"fed_by": ("cu*",)}, True),
        ("cat x | sh", {"fed_by": ("cu*",)}, False),
        ("ls", {"effects": (Effect.UNKNOWN,)}, True),
        ("ls", {"effects": (Effect.READ,)}, False),
        ("ls", {"wrappers_any": ("sudo",)}, False),
        ("ls -a", {"program": ("ls",), "flags_any": ("-a",)}, True),
        ("ls -b", {"program": ("ls",), "flags_any": ("-a",)}, False),
    ],
)
def test_conditions_on_a_whole_command(text, conditions, held):
    command = command_of(text)
    assert CommandConditions(**conditions).hold_for(command, parse_arguments(command.argv, frozenset())) is held


def test_a_wrapper_counts():
    command = command_of("ls").model_copy(update={"wrappers": ("sudo",)})
    assert CommandConditions(wrappers_any=("sudo",)).hold_for(command, parse_arguments(command.argv, frozenset()))


def test_a_pattern_matches_all_of_a_word():
    assert matches("a+", "aa")
    assert not matches("a+", "aab")


def test_a_rule_without_a_condition_would_speak_of_everything():
    with pytest.raises(ValidationError, match="at least one condition"):
        CommandConditions()


@pytest.mark.parametrize("conditions", [{"first": "("}, {"args_any": ["["]}, {"values_all": {"-n": "*"}}])
def test_a_pattern_that_is_none_is_refused(conditions):
    with pytest.raises(ValidationError, match="no regular expression"):
        ArgumentConditions(**conditions)
