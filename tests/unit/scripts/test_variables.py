import pytest

from itops.scripts.shfmt import parse
from itops.scripts.variables import arithmetic_problem, assignment_problem, numeric_names


@pytest.mark.parametrize(
    ("name", "value", "exported", "program"),
    [
        ("x", "1", False, ""),
        ("LC_ALL", "C", True, ""),
        ("TZ", "UTC", True, ""),
        ("PAGER", "cat", True, ""),
        ("SYSTEMD_PAGER", "", True, ""),
        ("IFS", "", True, "read"),
        ("LOG", "/x", False, ""),
    ],
)
def test_harmless_assignments(name, value, exported, program):
    assert assignment_problem(name, value, exported=exported, program=program) == ""


@pytest.mark.parametrize(
    ("name", "exported"),
    [
        ("LD_PRELOAD", True),
        ("FOO", True),
        ("PATH", False),
        ("IFS", False),
        ("BASH_ENV", False),
        ("PAGER", False),
        ("GIT_SSH_COMMAND", False),
        ("PYTHONPATH", False),
        ("PROMPT_COMMAND", False),
        ("EDITOR", False),
        ("HOME", False),
        ("LESSOPEN", False),
        ("TAR_OPTIONS", False),
        ("PS4", False),
        ("https_proxy", False),
    ],
)
def test_assignments_that_change_what_programs_do(name, exported):
    assert name in assignment_problem(name, "x", exported=exported)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x=1; y=$((x+1))", {"x", "y"}),
        ("x=1; x=$(id)", set()),
        ("for i in 1 2 3; do :; done", {"i"}),
        ("for i in {1..5}; do :; done", {"i"}),
        ("for i in a 2; do :; done", set()),
        ("for i; do :; done", set()),
        ("x=1; read x", set()),
        ("x+=1", set()),
        ("x=(1)", set()),
        ("declare -r x=1", {"x"}),
        ("x=", set()),
    ],
)
def test_names_that_hold_nothing_but_numbers(text, names):
    assert numeric_names(parse(text)) == names


@pytest.mark.parametrize("text", ["1 + 2", "x * 2", "${#a} - 1", "x > 0x1f", "$# + $?", "(x)"])
def test_arithmetic_on_numbers(text):
    assert arithmetic_problem(parse(f"echo $(({text}))")["Stmts"], frozenset({"x", "echo"})) == ""


@pytest.mark.parametrize("text", ["y", "a[0]", "$y", "$(id)", "x + a[$(id)]", "${x:-1}", "${!x}", "x = 'y'"])
def test_arithmetic_on_what_may_be_code(text):
    assert "may be code" in arithmetic_problem(parse(f"echo $(({text}))")["Stmts"], frozenset({"x", "echo"}))
