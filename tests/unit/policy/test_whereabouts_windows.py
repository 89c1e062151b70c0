"""Where relative paths of Windows lead."""

import pytest

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.policy.whereabouts import folders_of, readings_of


def command(*argv):
    return Command(program=argv[0], argv=argv, effect=Effect.UNKNOWN)


@pytest.mark.parametrize(
    ("word", "leads"),
    [
        ("x", "C:\\a\\x"),
        ("..\\x", "C:\\x"),
        ("D:\\x", "D:\\x"),
        ("\\x", "\\x"),
        ("%TEMP%", "%TEMP%"),
        ("$x", "$x"),
        ("-Path", "-Path"),
        ("{ x }", "{ x }"),
        ("HKLM:\\SAM", "HKLM:\\SAM"),
        ("HKLM:", "HKLM:"),
        ("x\\y:z", "C:\\a\\x\\y:z"),
        ("/v", "/v"),
    ],
)
def test_a_path_is_taken_from_the_folder_gone_to(word, leads):
    facts = Facts(commands=(command("Set-Location", "-Path", "C:\\a"), command("Get-Content", word)))
    assert folders_of(facts) == ("C:\\a",)
    assert readings_of(facts.commands[1], folders_of(facts))[-1].argv == ("Get-Content", leads)


def test_a_drive_is_a_folder():
    facts = Facts(commands=(command("Set-Location", "HKLM:"), command("Get-ChildItem", "SAM")))
    assert readings_of(facts.commands[1], folders_of(facts))[-1].argv == ("Get-ChildItem", "HKLM:\\SAM")
