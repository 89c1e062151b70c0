import pytest

from itops.scripts.bash_reader import read_bash
from itops.scripts.powershell_reader import read_powershell_facts
from itops.scripts.tools import tools_of


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        ("ls | wc -l", {"ls", "wc"}),
        ("cd /x && echo y && [ -f z ] && read -r a", set()),
        ("sudo nginx -t", {"sudo", "nginx"}),
        ("find . -exec grep x {} +", {"find", "grep"}),
        ("f() { df; }; f", {"df"}),
        ("/opt/x/run; ./y; $z a", set()),
        ("/usr/bin/jq .", {"jq"}),
        ("bash -c 'dig x'", {"bash", "dig"}),
        ("> file", set()),
        ("ls; if command -v apt-get >/dev/null; then apt-get update; else dnf check-update; fi", {"ls"}),
        ("type -p dnf && dnf x", set()),
        ("which foo && foo", set()),
        ("hash foo; foo", set()),
        ("command df -h", {"df"}),
    ],
)
def test_the_programs_a_target_must_have(text, tools):
    assert tools_of(read_bash(text)) == tools


def test_powershell_finds_what_it_needs_for_itself():
    text = "Get-Service | % { $_.Name.Trim() }; net user; cmd /c ver; [math]::Round(1); powershell -c 'ls'"
    assert tools_of(read_powershell_facts(text)) == frozenset()
