import pytest

from itops.scripts.powershell_scope import commanding, scope_of, shadows
from itops.scripts.powershell_syntax import read_powershell


def scope(text):
    return scope_of(read_powershell(text))


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        ("$a = 'x'", {"a": ("x",)}),
        ("[string]$A = 'x'", {"a": ("x",)}),
        ("$a = 'x', 'y'", {"a": ("x", "y")}),
        ("$a = 'x'; $a = 'y'", {}),
        ("$a = 'x'; $a += 'y'", {}),
        ("$a = 5; $a++", {}),
        ("$a = $b", {}),
        ("$a = rm x", {}),
        ("$a, $b = 'x', 'y'", {}),
        ("$a = 'x'; foreach ($a in 1) { }", {}),
        ("$a = 'x'; function f($a) { $a }", {}),
        ("$a = 'x'; Set-Variable a y", {}),
        ("$a = 'x'; sv a y", {}),
        ("$a = 'x'; Get-X -OutVariable a", {}),
        ("$a = 'x'; Get-X -ov a", {}),
        ("$a = 'x'; f ([ref]$a)", {}),
        ("$a = 'x'; iex $b", {}),
        ("[wmi]$a = 'x'", {}),
        ("$a = { x }", {}),
    ],
)
def test_a_variable_holds_one_literal_value_or_none_is_known(text, constants):
    assert dict(scope(text).constants) == constants


def test_a_function_is_certain_behind_where_it_stands_at_the_top():
    text = "f; function f { a }; f"
    found = scope(text)
    assert not found.calls_function("f", 0)
    assert found.calls_function("F", text.rindex("f"))
    assert not scope("if ($x) { function f { a } }; f").calls_function("f", 30)
    assert not scope("function f { a }; function f { b }; f").calls_function("f", 40)
    assert not found.calls_function("g", 50)


def test_only_what_is_made_in_the_text_is_a_table():
    assert scope("$a = @{}; $b = [pscustomobject]@{ x = 1 }; $c = Get-Item x").tables == {"a", "b"}
    assert scope("$a = @{}; $a = Get-Item x").tables == frozenset()


def test_names_that_mean_something_else():
    assert shadows("ls")
    assert shadows("net")
    assert shadows("Get-Item")
    assert not shadows("frob")
    assert commanding("psdefaultparametervalues")
    assert commanding("env:path")
    assert not commanding("erroractionpreference")
