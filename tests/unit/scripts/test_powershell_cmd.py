import pytest

from itops.scripts.findings import Findings, Place
from itops.scripts.powershell_calls import PowerShellCalls
from itops.scripts.powershell_cmd import read_cmd


def read(text):
    findings = Findings()
    calls = PowerShellCalls(findings, lambda *_: None, lambda *_: None)
    read_cmd(text, Place(), findings, calls.call)
    return findings


@pytest.mark.parametrize(
    ("text", "argvs"),
    [
        ("del /q x", [("cmd:del", "/q", "x")]),
        ("ERASE x", [("cmd:del", "x")]),
        ("rmdir/s/q x", [("cmd:rd", "/s", "/q", "x")]),
        ("cd\\x", [("cmd:cd", "\\x")]),
        ("@echo off", [("cmd:echo", "off")]),
        ("echo.hi", [("cmd:echo", ".hi")]),
        ("del;x", [("cmd:del", ";x")]),
        ("x a;b,c=d", [("x.exe", "a;b,c=d")]),
        (
            "copy a b & net user || whoami && hostname",
            [("cmd:copy", "a", "b"), ("net.exe", "user"), ("whoami.exe",), ("hostname.exe",)],
        ),
        ('"copy "a b" "c & d""', [("cmd:copy", "a b", "c & d")]),
        ("type a | findstr b", [("cmd:type", "a"), ("findstr.exe", "b")]),
        ("dir 2>nul", [("cmd:dir",)]),
    ],
)
def test_each_command_with_its_words(text, argvs):
    findings = read(text)
    assert [command.argv for command in findings.commands] == argvs
    assert not findings.problems


def test_what_it_writes_and_who_feeds_it():
    commands = read("type a | more > b & echo c").commands
    assert commands[1].writes == ("b",)
    assert commands[1].fed_by == ("cmd:type",)
    assert commands[2].fed_by == ()
    assert [command.writes for command in read("> x").commands] == [("x",)]


@pytest.mark.parametrize(
    "text",
    ["d^el x", "(del x)", "if exist x del x", "for %i in (x) do del %i", 'del "x', "%COMSPEC% /c del x", "!x! y"],
)
def test_what_is_not_plain_is_a_problem(text):
    assert read(text).problems


def test_variables_that_are_not_the_same_everywhere_are_known_at_run_time_alone():
    commands = read("echo %TEMP%\\x & echo %DB_PASSWORD% & type %i").commands
    assert [(command.argv[1], command.dynamic) for command in commands] == [
        ("%TEMP%\\x", False),
        ("$env:DB_PASSWORD", True),
        ("%i", True),
    ]


def test_what_stands_behind_a_condition_is_noted_all_the_same():
    assert "cmd:del" in [command.program for command in read("if exist x del x").commands]
