import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.instructions.importers.parameter_maker import NAME, in_words, is_secret, make_parameter, our_name
from itops.scripts.parameters import example_of, validate


@given(st.text(max_size=90), st.lists(st.text(max_size=5), max_size=4))
def test_every_name_can_be_written_and_is_new(name, taken):
    ours = our_name(name, taken)
    assert NAME.fullmatch(ours)
    assert ours not in taken


def test_two_names_that_would_be_one_stay_two():
    assert our_name("a.b") == "a_b"
    assert our_name("a.b", ["a_b"]) == "a_b_2"


@pytest.mark.parametrize(
    ("name", "words"),
    [("InstanceId", "instance id"), ("DBInstanceIdentifier", "DB instance identifier"), ("conf_dir", "conf dir")],
)
def test_names_are_read_as_words(name, words):
    assert in_words(name) == words


@pytest.mark.parametrize("name", ["password", "DbPassword", "api_key", "AuthToken", "private-key"])
def test_names_of_secrets_are_known(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["key_name", "password_length", "user", "KeyId", "monkey"])
def test_names_of_other_things_are_not(name):
    assert not is_secret(name)


@given(st.text(max_size=30), st.none() | st.text(max_size=30), st.sampled_from(["", "[a-z]+", "^x$", "(", "(a+)+b"]))
def test_a_default_that_is_kept_passes(name, default, pattern):
    parameter, _ = make_parameter(our_name(name), pattern=pattern, default=default)
    if parameter.default is not None:
        assert validate(parameter, parameter.default) == parameter.default


def test_choices_are_a_pattern():
    parameter, changed = make_parameter("tier", choices=("a.b", "c"), default="c")
    assert (parameter.pattern, parameter.example, parameter.default, changed) == (r"a\.b|c", "a.b", "c", ())


def test_a_value_is_no_option():
    parameter, _ = make_parameter("thing")
    assert parameter.pattern == "(?!-).{1,4096}"
    assert make_parameter("thing", default="-v")[0].default == "-v"


def test_a_name_suggests_a_type_and_the_default_may_say_no():
    assert make_parameter("conf_dir")[0].type == "path"
    assert make_parameter("port", default="8080")[0].type == "port"
    assert make_parameter("port", default="any")[0].type == "text"


@pytest.mark.parametrize(
    ("pattern", "why"), [("(", "no regular expression"), ("x" * 2000, "too long"), ("(a+)+b", "for ever")]
)
def test_a_pattern_that_can_not_be_used_is_said(pattern, why):
    parameter, changed = make_parameter("thing", pattern=pattern)
    assert parameter.pattern == "(?!-).{1,4096}"
    assert why in changed[0]


def test_a_default_that_its_own_pattern_forbids_is_said():
    parameter, changed = make_parameter("thing", pattern="[a-z]+", default="9")
    assert parameter.default is None
    assert "default of thing" in changed[0]
    assert "too long" in make_parameter("thing", pattern="a+", default="a" * 300)[1][0]


def test_an_example_is_found_for_a_pattern():
    parameter, _ = make_parameter("thing", pattern="i-[0-9a-f]+")
    assert example_of(parameter) == "i-0123456789abcdef0"
