import pytest

from itops.scripts.powershell_names import cmdlet_name, parameter, program_name, resolve

RESOLVED = {
    "ls": ("Get-ChildItem",),
    "RM": ("Remove-Item",),
    "%": ("ForEach-Object",),
    "?": ("Where-Object",),
    "iex": ("Invoke-Expression",),
    "mkdir": ("New-Item",),
    "get-childitem": ("Get-ChildItem",),
    "Get-childITEM": ("Get-ChildItem",),
    "frob-thing": ("Frob-Thing",),
    "Microsoft.PowerShell.Management\\remove-item": ("Remove-Item",),
    "sc": ("Set-Content", "sc.exe"),
    "curl": ("Invoke-WebRequest", "curl.exe"),
    "net": ("net.exe",),
    "NET.EXE": ("net.exe",),
    "net.com": ("net.exe",),
    "format": ("format.com",),
    "vol": ("cmd:vol",),
    "git": ("git.exe",),
    "./x": ("./x",),
    "C:\\Windows\\System32\\net.exe": ("net.exe",),
    "C:\\Windows\\System32\\..\\..\\Temp\\net.exe": ("C:\\Windows\\System32\\..\\..\\Temp\\net.exe",),
    "C:\\Temp\\net.exe": ("C:\\Temp\\net.exe",),
    "%windir%\\system32\\windowspowershell\\v1.0\\powershell.exe": ("powershell.exe",),
    "x.ps1": ("x.ps1",),
    "$x": ("$x",),
}


@pytest.mark.parametrize(("name", "programs"), RESOLVED.items(), ids=list(RESOLVED))
def test_a_name_means_one_spelling_of_a_program_or_two_where_it_may(name, programs):
    assert resolve(name) == programs


@pytest.mark.parametrize(
    ("word", "full"),
    [
        ("-rec", "-Recurse"),
        ("-RECURSE", "-Recurse"),
        ("–fo", "-Force"),  # noqa: RUF001 - PowerShell takes a long dash for a plain one
        ("-f", "-F"),
        ("-ea", "-ErrorAction"),
        ("-wi", "-WhatIf"),
        ("-wh", "-WhatIf"),
        ("-zzz", "-Zzz"),
    ],
)
def test_a_parameter_is_told_from_its_beginning_where_that_is_one_alone(word, full):
    assert parameter("Remove-Item", word) == full


def test_a_parameter_of_a_cmdlet_that_is_not_known_stays_as_it_is():
    assert parameter("Get-Frob", "-wh") == "-Wh"
    assert parameter("Get-Frob", "-whatif") == "-WhatIf"


def test_names_that_are_not_known_get_one_spelling():
    assert cmdlet_name("gEt-frobThing") == "Get-FrobThing"
    assert program_name("Frob") == program_name("FROB.exe") == "frob.exe"
