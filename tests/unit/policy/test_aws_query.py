import pytest

from itops.policy.aws_query import leaves_out

FIELDS = frozenset({"Functions", "Environment", "Variables"})


@pytest.mark.parametrize(
    "query",
    [
        "Functions[].FunctionName",
        "Functions[*].[FunctionName, Runtime]",
        "Functions[0].Runtime",
        "Functions[-1:].Runtime",
        "Functions[].{Name: FunctionName, Environment: Runtime}",
        "Functions[?Runtime=='python3.8'].FunctionName",
        "Functions[?starts_with(FunctionName, 'a')].[FunctionName]",
        "length(Functions[].FunctionName)",
        '"Functions"[].FunctionName',
        "Functions[].VpcConfig.VpcId | [0]",
        "NextMarker",
        "{Name: FunctionName, Variables: keys(Environment.Variables || `{}`)}",
        "[FunctionName, keys(Environment.Variables)]",
        "Functions[] .FunctionName",
        "Functions[]\n.FunctionName",
    ],
)
def test_a_query_that_names_only_other_fields(query):
    assert leaves_out(query, FIELDS)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "@",
        "*",
        "Functions",
        "Functions[]",
        "Functions[0]",
        "Functions[*].*",
        "Functions[].Environment",
        "Functions[].Environment.Variables",
        "Functions[].Environment.Variables.*",
        "Functions[].[FunctionName, Environment]",
        "Functions[].{a: Environment}",
        "Functions[?Environment.Variables.A=='x'].FunctionName",
        "Functions[?contains(to_string(@), 'x')].FunctionName | [@]",
        "values(@)",
        "to_string(Functions)",
        "Functions[] | [0]",
        "Functions[].[@]",
        "*[].FunctionName.*",
        "Functions[].FunctionName || @",
        '"Func\\u0074ions"',
        "map(&Environment, Functions[].a)",
        "sort_by(Functions, &Environment)[0]",
        "[",
        'Functions[]."Environment"',
        "length(Functions)",
        "keys(Environment.Variables || Environment)",
        "[keys(Environment), values(Environment.Variables)]",
        "keys(Functions[0]) || Environment",
        "keys(Environment.Variables)",
        "Functions[].Environment\n",
    ],
)
def test_any_other_is_not_certain(query):
    assert not leaves_out(query, FIELDS)


def test_where_all_of_the_answer_is_secret_no_query_helps():
    assert not leaves_out("a", frozenset({"*"}))
