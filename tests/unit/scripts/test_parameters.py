from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.instruction import Instruction, Parameter
from itops.domain.target import Platform
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.parameters import TYPES, complete, example_of, pattern_of, validate

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "parameters.yaml").read_text())
GOOD = [(kind, value) for kind, values in CASES.items() for value in values["good"]]
BAD = [(kind, value) for kind, values in CASES.items() for value in values["bad"]]


def instruction(*parameters):
    return Instruction(id="x", title="X", platform=Platform.LINUX, parameters=parameters)


def test_every_type_has_cases_and_its_own_example_passes():
    assert CASES.keys() == TYPES.keys()
    for kind in TYPES:
        parameter = Parameter(name="p", type=kind)
        assert validate(parameter, example_of(parameter)) == TYPES[kind].example


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_a_good_value_is_returned_as_it_is(kind, value):
    assert validate(Parameter(name="p", type=kind), value) == value


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_a_bad_value_is_refused_by_name(kind, value):
    with pytest.raises(InvalidParameter) as raised:
        validate(Parameter(name="p", type=kind), value)
    assert "'p'" in raised.value.what
    assert TYPES[kind].wanted in raised.value.what
    assert TYPES[kind].example in raised.value.mend


@given(st.sampled_from(sorted(TYPES.keys() - {"text"})), st.text())
def test_no_value_but_a_text_can_pass_for_an_option(kind, rest):
    with pytest.raises(InvalidParameter):
        validate(Parameter(name="p", type=kind), f"-{rest}")


def test_a_pattern_of_its_own_comes_before_that_of_the_type_and_is_a_full_match():
    parameter = Parameter(name="p", type="user", pattern="[ab]+", example="ab")
    assert validate(parameter, "aab") == "aab"
    with pytest.raises(InvalidParameter, match=r"a value like \[ab\]\+ is wanted"):
        validate(parameter, "aabc")
    assert example_of(parameter) == "ab"


def test_a_long_value_is_shown_short():
    with pytest.raises(InvalidParameter) as raised:
        validate(Parameter(name="p", description="who", type="user"), "A" * 500)
    assert len(raised.value.what) < 200
    assert "(who)" in raised.value.what


@pytest.mark.parametrize("parameter", [Parameter(name="p", pattern="("), Parameter(name="p", type="nothing")])
def test_a_parameter_that_is_off_is_the_instructions_fault(parameter):
    with pytest.raises(InvalidInstruction, match="'p'"):
        pattern_of(parameter)


def test_completing_adds_defaults_and_names_what_is_missing():
    user, port = Parameter(name="user", type="user"), Parameter(name="port", type="port", default="22")
    done = complete(instruction(user, port), {"other": "x"})
    assert done.values == {"port": "22"}
    assert done.missing == (user,)
    assert complete(instruction(user, port), {"user": "bob", "port": "80"}).values == {"user": "bob", "port": "80"}


def test_completing_never_lets_a_bad_value_or_default_through():
    with pytest.raises(InvalidParameter):
        complete(instruction(Parameter(name="port", type="port")), {"port": "x"})
    with pytest.raises(InvalidParameter):
        complete(instruction(Parameter(name="port", type="port", default="x")), {})
