"""What an author should mend in a PowerShell block."""

import pytest

from itops.instructions.runbooks.powershell_lint import powershell_findings

STOP = "$ErrorActionPreference = 'Stop'\n"
GOOD = [
    "Get-Service -Name 'Spooler' | Format-List -Property 'Name', 'Status' | Out-String -Width 200",
    "$password = [Console]::In.ReadLine()\n$secure = ConvertTo-SecureString -String $password -AsPlainText -Force",
    "Set-LocalUser -Name 'alice' -Password $password | Out-String",
    "if ([string]::IsNullOrEmpty($password)) { throw 'There was no password.' }",
    "if ($password.Length -lt 8) { throw ('{0} has too short a one.' -f $user) }",
    "Write-Output -InputObject 'the password'",
    "$user.PasswordExpires",
    "net.exe user $user /active:yes",
    "$null = Get-Item -LiteralPath 'a'",
    "$hosts = 'a'",
    "throw",
]
OFF = {
    "Get-X )": "can't read ')'",
    "if ($x": "can't read",
    "ls": "ls is an alias, which differs between versions and systems; write Get-ChildItem",
    "$x | % { $_ }": "write ForEach-Object",
    "Get-X | Select -First 1": "write Select-Object",
    "iex $x": "iex runs text as code",
    "Invoke-Expression -Command $x": "runs text as code",
    "Get-WmiObject -Class Win32_Service": "use Get-CimInstance",
    "wmic os get caption": "use Get-CimInstance",
    "Read-Host -Prompt 'sure?'": "waits for a person",
    "Get-X && Get-Y": "knows no &&",
    "$host = 'a'": "$host can't be assigned to",
    "[int]$pid = 4": "$pid can't be assigned to",
    "foreach ($Home in $x) { 1 }": "$home can't be assigned to",
    "Write-Host $password": "the secret $password is shown",
    "Write-Output -InputObject ('it is ' + $userPassword)": "the secret $userPassword is shown",
    'Write-Verbose -Message "it is ${api_key}"': "the secret $api_key is shown",
    "$password | Out-File -FilePath 'a'": "the secret $password is shown",
    "$password": "the secret $password is shown",
    '"it is $token"': "the secret $token is shown",
    "throw $password": "the secret $password is shown",
    "$line = [Console]::In.ReadLine()\nWrite-Host $line": "Line 3: the secret $line is shown",
    "ConvertTo-SecureString -String 'hunter2' -AsPlainText -Force": "a secret stands in the text",
}


@pytest.mark.parametrize("text", GOOD)
def test_nothing_is_said_of_a_good_block(text: str) -> None:
    assert powershell_findings(STOP + text) == []


@pytest.mark.parametrize(("text", "said"), OFF.items(), ids=list(OFF))
def test_what_is_off_is_said_once_with_its_line(text: str, said: str) -> None:
    [finding] = powershell_findings(STOP + text)
    assert said in finding
    assert finding.startswith(f"Line {2 + text.count(chr(10))}: ")


def test_an_error_must_end_the_block() -> None:
    [finding] = powershell_findings("Get-Service")
    assert finding.startswith("Line 1: an error does not end the block")
    assert powershell_findings("$errorActionPreference = Stop\nGet-Service") == []
