from pathlib import Path

import pytest
import yaml

from itops.instructions.learning import verify_hints
from itops.instructions.learning.verify_hints import suggestions
from itops.scripts.bash_reader import read_bash
from itops.scripts.parameters import TYPES

HINTS = yaml.safe_load((Path(verify_hints.__file__).parent / "data" / "verify_hints.yaml").read_text())


def suggested(text: str) -> list[str]:
    return suggestions(read_bash(text))


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: hint["command"])
def test_every_hint_is_found_by_its_command_and_is_bash(hint):
    example = {kind: TYPES[kind].example for kind in TYPES}
    words = [word.split("|")[0] for word in hint["command"].split()]
    made = " ".join(example[word[1:-1]] if word.startswith("{") else word for word in words)
    [check] = suggested(made)
    assert "{text}" not in check
    facts = read_bash(check)
    assert facts.commands
    assert not facts.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sudo systemctl restart nginx", ["systemctl is-active --quiet -- nginx"]),
        ("useradd -m -s /bin/bash bob", ["id -- bob"]),
        ("useradd bob -s /bin/bash", []),
        ("systemctl restart nginx cron", []),
        ("usermod -a -G docker bob; usermod -aG docker bob", ["docker"]),
        ("usermod bob", []),
        ('useradd "$1"', []),
        ("rm /tmp/*.log", []),
        ("mkdir '/srv/a b'", ["test -d '/srv/a b'"]),
        ("ls /srv && mkdir /srv/x && useradd bob", ["test -d /srv/x", "id -- bob"]),
        ("docker stop web1", ["false"]),
        ("id bob", []),
    ],
)
def test_what_is_suggested(text, expected):
    found = suggested(text)
    assert len(found) == len(expected)
    assert all(part in whole for part, whole in zip(expected, found, strict=True))
