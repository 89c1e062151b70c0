import pytest

from itops.scripts.bash_reader import read_bash


@pytest.mark.parametrize(
    "text",
    [
        "echo ${x@Q}",
        "echo ${x@U}",
        "echo ${!x*}",
        "echo ${x[@]} ${x[0]}",
        "[[ -f x && a == b ]]",
        "[[ 1 -eq 2 ]]",
        "((1+1))",
        "declare -r x=1",
        "readonly y=2",
        "local z",
        "echo ${x:1:2}",
        "echo ${#x}",
        "let 1+1",
        "x[1]=2",
    ],
)
def test_harmless_constructs(text):
    assert [problem for problem in read_bash(text).problems if not problem.startswith("let ")] == []


@pytest.mark.parametrize(
    "text",
    [
        "echo ${x@P}",
        "echo ${x@}",
        "echo ${!x}",
        "echo ${x[y]}",
        "[[ $x -eq 2 ]]",
        "[[ -v x ]]",
        "[[ -R x ]]",
        "(( x ))",
        "declare -i x=y",
        "declare -n x=y",
        "declare $x",
        "export x=1",
        "declare -x y=1",
        "declare 'a[$(id)]=1'",
        "echo ${x:y:2}",
        "let x",
        "x[y]=2",
        "for ((i=x;;)); do :; done",
        "export PATH=/x",
        "declare a[x]=1",
    ],
)
def test_constructs_that_may_evaluate_a_value(text):
    assert read_bash(text).problems
