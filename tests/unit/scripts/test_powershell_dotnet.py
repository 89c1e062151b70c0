import pytest

from itops.scripts.powershell_dotnet import type_name
from itops.scripts.powershell_reader import read_powershell_facts


@pytest.mark.parametrize(
    ("text", "argvs"),
    [
        ("[IO.File]::Delete('x')", [("[io.file]", "delete", "x")]),
        ("$x.Delete('a', 'b')", [(".delete", "a", "b")]),
        ("$x.'Delete'()", [(".delete",)]),
        ("'a'.Replace('a', 'b')", [("[string]", "replace", "a", "b")]),
        ("$a.Replace('a', 'b')", [(".replace", "a", "b")]),
        ("$x.a.b().c()", [(".b",), (".c",)]),
        ("$x.Name", []),
        ("[math]::PI", []),
        ("[int]'5'", []),
        ("[wmi]'x'", [("[wmi]", "cast")]),
        ("[System.IO.StreamWriter]'x'", [("[io.streamwriter]", "cast")]),
        ("'x' -as [wmi]", [("[wmi]", "cast")]),
        ("$x -is [wmi]", []),
        ("$x.ScriptBlock", [(".scriptblock",)]),
        ("$x.y = 1", [(".y=",)]),
        ("$x = @{}; $x.y = 1; $x['z'] = 2", []),
        ("$x[$y.Id] = 1", []),
        ("(a).b[0] = 1", [("a.exe",), (".item=",)]),
        ("[Collections.Generic.List[string]]::new()", [("[collections.generic.list]", "new")]),
        ("$x.Where({ rm y })", [("Remove-Item", "y"), (".where", "{ rm y }")]),
    ],
)
def test_each_call_is_a_command_of_its_own(text, argvs):
    facts = read_powershell_facts(text)
    assert [command.argv for command in facts.commands] == argvs
    assert not facts.problems


@pytest.mark.parametrize(
    "text", ["$x.$y()", "$env:a = 1", "$PSDefaultParameterValues = @{}", "${C:\\x}", "$function:f"]
)
def test_what_may_mean_anything_is_a_problem(text):
    assert read_powershell_facts(text).problems


def test_the_name_of_a_type_is_short():
    assert type_name("[System.IO. File]") == "io.file"
    assert type_name("[int[]]") == "int[]"
