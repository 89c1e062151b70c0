import base64

import pytest

from itops.scripts.findings import Findings, Place
from itops.scripts.powershell_calls import PowerShellCalls, call_of, canonical, plain
from itops.scripts.powershell_words import PsWord


def words(*texts):
    return tuple(PsWord(text, parameter=text.startswith("-"), dynamic="$" in text) for text in texts)


def follow(name, *texts, fed_text=None):
    """What is noted of one call: argument lists, texts for PowerShell, texts for cmd.exe, problems."""
    findings, read, cmd = Findings(), [], []
    calls = PowerShellCalls(findings, lambda text, _: read.append(text), lambda text, _: cmd.append(text))
    calls.call(call_of(name, words(*texts), (), ()), Place(fed_text=fed_text))
    return [command.argv for command in findings.commands], read, cmd, list(findings.problems)


def test_a_plain_call_is_noted_under_each_name_that_it_may_mean():
    assert follow("rm", "x", "-rec")[0] == [("Remove-Item", "x", "-Recurse")]
    assert [argv[0] for argv in follow("sc", "x")[0]] == ["Set-Content", "sc.exe"]


ENCODED = base64.b64encode("rm x".encode("utf-16-le")).decode()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (["powershell", "-c", "rm", "x"], "rm x"),
        (["powershell", "-nop", "-ep", "bypass", "-Command", "rm x"], "rm x"),
        (["powershell", "rm x"], "rm x"),
        (["pwsh", "-w", "hidden", "-enc", ENCODED], "rm x"),
        (["iex", "rm x"], "rm x"),
        (["iex", "-Command", "rm x"], "rm x"),
    ],
)
def test_a_text_that_is_known_is_read(call, text):
    argvs, read, _, problems = follow(*call)
    assert (argvs, read, problems) == ([], [text], [])


@pytest.mark.parametrize(
    "call",
    [["powershell", "-c", "$x"], ["powershell", "-enc", "!"], ["powershell", "-enc", "$x"], ["iex", "$x"], ["iex"]],
)
def test_a_text_that_is_not_known_is_a_problem_and_the_call_stays(call):
    argvs, read, _, problems = follow(*call)
    assert argvs
    assert problems
    assert not read


def test_a_text_that_is_fed_is_read():
    assert follow("iex", fed_text="rm x")[1] == ["rm x"]


@pytest.mark.parametrize("call", [["powershell"], ["powershell", "-File", "x.ps1"], ["cmd"], ["pwsh", "x.ps1"]])
def test_a_shell_that_runs_a_file_or_its_input_is_noted(call):
    assert follow(*call)[0]


def test_cmd_gets_its_text():
    assert follow("cmd", "/q", "/c", "del", "x")[2] == ["del x"]
    assert follow("cmd", "/cdel x")[2] == ["del x"]
    assert follow("cmd", "/c", "$x")[3]


def test_what_is_started_is_noted_beside_the_starter():
    argvs = follow("start", "net", "-ArgumentList", 'user "a b"', "/add")[0]
    assert argvs[0] == ("net.exe", "user", "a b", "/add")
    assert argvs[1][0] == "Start-Process"
    assert [argv[0] for argv in follow("start", "-Wait", "net")[0]] == ["net.exe", "Start-Process"]


@pytest.mark.parametrize(
    ("call", "member"),
    [(["Delete"], ".delete"), (["-MemberName", "Kill"], ".kill"), (["-InputObject", "$x", "Go"], ".go")],
)
def test_a_member_that_each_is_asked_for_is_a_call(call, member):
    assert follow("%", *call)[0][0][0] == member


def test_meanings_that_change_are_problems():
    assert follow("Set-Alias", "a", "b")[3]
    assert follow("Get-X", "-OutVariable", "env:PATH")[3]
    assert follow("ｌs")[3]  # noqa: RUF001 - a letter that looks like another


def test_words_of_a_cmdlet_and_of_a_program():
    given = (PsWord("-rec", parameter=True), PsWord("$false", joined=True), PsWord("-x", quoted=True), PsWord("-5"))
    assert canonical("Remove-Item", given) == ("-Recurse:$false", "'-x'", "-5")
    assert canonical("Remove-Item", (PsWord("-wh", parameter=True), PsWord("$x", joined=True))) == ("-WhatIf:$x",)
    assert canonical("Remove-Item", (PsWord("-force", parameter=True), PsWord("$true", joined=True))) == ("-Force",)
    assert plain((PsWord("-c", parameter=True), PsWord("d", joined=True), PsWord("e"))) == ("-c:d", "e")
