"""What of PowerShell can be read, in spite of the grammar's limits, and where it is off."""

import pytest

from itops.scripts.powershell_syntax import line_of, read_powershell, syntax_errors, walk, words_of

REFUSED_BY_THE_GRAMMAR = [
    "Get-Service | Select-Object -Property Name, Status, @{ Name = 'a'; Expression = { $_.x } }",
    "Get-ADUser -Identity 'alice' -Properties LastLogonDate,LockedOut",
    "Get-X -Property 'Name', Status | Sort-Object CPU, Name -Descending",
    "$x / 1GB",
    "[math]::Round($_.Size / 1TB, 1)",
    "switch ($x) { '1' { 'a' } default { 'b' } }",
    "function f { param([string]$Name) Get-X -A $Name }",
    "program.exe --flag=value /x:y",
]
RIGHT = [
    "try { Get-X } catch [System.Exception] { throw } finally { $a.Dispose() }",
    "$x = @'\na, b\n'@\n$x",
    "foreach ($a in 1..3) { $a }",
    "[pscustomobject]@{ A = 1; B = if ($a) { 2 } else { 3 } }",
    "# a, b\nGet-X 'a, b' \"c, $d\"",
]
WRONG = ["if ($a { 1 }", "Get-X |", "'abc", "@(1, 2", "Get-X )", "$a ? 1 : 2", "Get-X | | Get-Y", "@{ a = 1; b }"]


@pytest.mark.parametrize("text", REFUSED_BY_THE_GRAMMAR + RIGHT)
def test_what_powershell_takes_is_read(text: str) -> None:
    assert list(syntax_errors(read_powershell(text))) == []


@pytest.mark.parametrize("text", WRONG)
def test_what_it_refuses_is_an_error_also_beside_the_grammars_limits(text: str) -> None:
    assert list(syntax_errors(read_powershell(text)))
    assert list(syntax_errors(read_powershell(f"Get-X -Property Name, Status\n{text}")))


def test_an_error_is_found_on_its_line() -> None:
    [error] = syntax_errors(read_powershell("Get-X\n\nGet-Y )\nGet-Z"))
    assert line_of(error) == 3
    assert words_of(error).startswith(")")


def test_walk_keeps_the_order_of_the_text() -> None:
    root = read_powershell("Get-A | Get-B\nGet-C")
    assert [words_of(node) for node in walk(root) if node.type == "command_name"] == ["Get-A", "Get-B", "Get-C"]
