import pytest

from itops.scripts.bash_reader import read_bash
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
    ],
)
def test_the_programs_a_target_must_have(text, tools):
    assert tools_of(read_bash(text)) == tools
