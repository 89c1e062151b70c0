"""Files that a cmdlet reads because it is fed their names, through the real reader."""

import pytest

from itops.scripts.powershell_reader import read_powershell_facts


def read_by_last(text):
    return read_powershell_facts(text).commands[-1].reads


@pytest.mark.parametrize(
    "text",
    [
        "Get-Content C:\\x -Tail 5",
        "Get-Content -Raw C:\\x",
        "Get-Content -Path:C:\\x",
        "Get-ChildItem *.log | Get-Content -Tail 5",
        "Get-ChildItem *.log | Sort-Object Length | Select-Object -Last 1 | Get-Content",
        "Get-ChildItem C:\\App -Recurse | Get-FileHash",
        "Get-ChildItem C:\\App -Recurse -Filter *.log | Get-Content",
        "$found = Get-ChildItem *.log; $found | Get-Content",
        "Get-ChildItem C:\\Logs",
        "Get-Service | Select-String x",
    ],
)
def test_files_that_words_name_are_not_named_again(text):
    assert read_by_last(text) == ()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("'C:\\a' | Get-Content", ("C:\\a",)),
        ("$p = 'C:\\a'; $p | Get-FileHash", ("C:\\a",)),
        ("'C:\\a' | Get-ChildItem", ("C:\\a",)),
        ("$p | Get-Content", ("$input",)),
        ("Get-Content list.txt | Get-Item", ("$input",)),
        ("Write-Output C:\\a | Get-Content -Tail 5", ("$input",)),
        ("Get-ChildItem C:\\ -Recurse | Get-Content", ("$input",)),
        ("Get-Item x | Select-Object @{n='Path';e={'C:\\a'}} | Get-Content", ("$input",)),
        ("Get-Content", ("$input",)),
    ],
)
def test_what_is_fed_is_read(text, read):
    assert read_by_last(text) == read
