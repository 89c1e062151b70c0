import pytest

from itops.scripts.powershell_reader import read_powershell_facts


@pytest.mark.parametrize(
    "text",
    [
        "class A { }",
        "enum A { b }",
        "data { 'a' }",
        "trap { }",
        "workflow w { }",
        "using module x",
        "configuration c { }",
        "#requires -Version 5\nls",
        "function ls { }",
        "function Get-Frob { }",
        "param([Evil()]$x) ls",
        "& $x",
        "a>b",
    ],
)
def test_what_the_reader_does_not_know_is_a_problem(text):
    assert read_powershell_facts(text).problems


@pytest.mark.parametrize(
    "text", ["[CmdletBinding()] param([Parameter(Mandatory)]$x) ls", "function f { }", "1..3", "5"]
)
def test_what_does_nothing_by_itself_is_none(text):
    assert not read_powershell_facts(text).problems


def test_shown_variables_of_the_environment_are_noted():
    [command] = read_powershell_facts('"a $env:DB_PASSWORD"').commands
    assert command.argv == ("Write-Output", "$env:DB_PASSWORD")
    assert command.dynamic


def test_a_filter_of_the_directory_is_no_code():
    assert [one.program for one in read_powershell_facts("Get-ADUser -Filter { Name -eq 'a' }").commands] == [
        "Get-ADUser"
    ]
    assert [one.program for one in read_powershell_facts("Get-X -Filter { rm a }").commands] == ["Remove-Item", "Get-X"]


def test_a_function_of_the_text_is_judged_by_its_body_and_keeps_its_redirections():
    commands = read_powershell_facts("function f { ls }\nf > x").commands
    assert [(one.program, one.writes) for one in commands] == [("Get-ChildItem", ()), ("Out-File", ("x",))]


def test_each_part_of_a_pipeline_is_fed_by_all_before_it():
    commands = read_powershell_facts("ls | sort | ft").commands
    assert [one.fed_by for one in commands] == [(), ("Get-ChildItem",), ("Get-ChildItem", "Sort-Object")]
