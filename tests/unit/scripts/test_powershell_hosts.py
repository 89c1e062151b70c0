"""Which other computers a command reaches, through the real reader."""

import pytest

from itops.scripts.powershell_reader import read_powershell_facts


def hosts(text):
    return [host for command in read_powershell_facts(text).commands for host in command.hosts]


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("Get-Service -ComputerName web1, web2 -Name Spooler", ["web1", "web2"]),
        ("Get-Service -Comp web1", ["web1"]),
        ("Get-Service -Cn web1", ["web1"]),
        ("Get-CimInstance Win32_Bios -CimSession web1", ["web1"]),
        ("Get-ADUser x -Server dc1", ["dc1"]),
        ("Invoke-Command web1 { Get-Date }", ["web1"]),
        ("Invoke-Command -ComputerName web1 -ScriptBlock { Get-Service -ComputerName db1 }", ["db1", "web1"]),
        ("Invoke-Sqlcmd -ServerInstance sql1 -Query 'select 1'", ["sql1"]),
        ("Get-WinEvent -LogName System -ComputerName $server", ["$server"]),
        ("Get-Counter '\\\\web1\\Processor(_Total)\\% Processor Time'", ["web1"]),
        ("Get-ChildItem \\\\fs1\\data", ["fs1"]),
        ("Get-ChildItem //fs1/data", ["fs1"]),
        ("tasklist /s web1 /svc", ["web1"]),
        ("systeminfo -s:web1", ["web1"]),
        ("qwinsta /server:web1", ["web1"]),
        ("sc.exe \\\\web1 query", ["web1"]),
        ("wevtutil qe System /r:web1", ["web1"]),
        ("wmic /node:web1 os get Caption", ["web1"]),
        ("cmd /c 'tasklist /s web1'", ["web1"]),
    ],
)
def test_a_host_that_is_named_is_a_fact(text, reached):
    assert sorted(hosts(text)) == sorted(reached)


@pytest.mark.parametrize(
    "text",
    [
        "Get-Service Spooler",
        "Get-Service -ComputerName localhost",
        "Get-Service -ComputerName $env:COMPUTERNAME",
        "Get-Service -ComputerName . -Name x",
        "Test-NetConnection -ComputerName db1 -Port 1433",
        "Resolve-DnsName x -Server dc1",
        "Get-Content \\\\?\\C:\\x",
        "Get-SmbSession | Select-Object ClientComputerName",
        "schtasks /query",
    ],
)
def test_this_computer_and_what_is_only_asked_for_an_answer_are_none(text):
    assert hosts(text) == []
