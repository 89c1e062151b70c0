import pytest

from itops.scripts.functions import certain_from, endless, functions_of, multiplies
from itops.scripts.shfmt import parse


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("f() { ls; }; f", set()),
        ("f() { f; }", {"f"}),
        ("a() { b; }; b() { a; }", {"a", "b"}),
        ("a() { b; }; b() { ls; }", set()),
        ("a() { b; }; b() { c; }; c() { b; }", {"b", "c"}),
        ("f() { sudo f; }", {"f"}),
    ],
)
def test_functions_that_may_call_themselves(text, names):
    assert endless(functions_of(parse(text))) == names


@pytest.mark.parametrize(
    ("text", "multiplied"), [("f() { f; }", False), ("f() { f | f; }", True), ("f() { f & }", True)]
)
def test_functions_that_start_more_of_themselves(text, multiplied):
    assert multiplies(functions_of(parse(text))["f"]) is multiplied


@pytest.mark.parametrize(
    "text",
    [
        "if x; then f() { :; }; fi",
        "(f() { :; })",
        "x && f() { :; }",
        "f() { :; } &",
        "f() { :; }; unset -f f",
        "g() { f() { :; }; }",
    ],
)
def test_a_function_that_may_not_be_declared_is_not_certain(text):
    assert "f" not in certain_from(parse(text))


def test_a_function_is_certain_from_the_end_of_its_declaration():
    text = "f() { :; }; f() { ls; }; f"
    offset = certain_from(parse(text))["f"]
    assert text[:offset].rstrip(" ;") == "f() { :; }"
    assert len(functions_of(parse(text))["f"]) == 2
