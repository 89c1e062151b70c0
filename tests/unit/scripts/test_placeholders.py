from pathlib import Path

import pytest
import yaml

from itops.scripts.placeholders import unfilled

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "placeholders.yaml").read_text())


@pytest.mark.parametrize(("text", "found"), CASES, ids=[text for text, _ in CASES])
def test_what_was_left_unfilled(text, found):
    assert list(unfilled(text)) == found


def test_powershell_has_blocks_in_curly_brackets():
    assert unfilled("Get-X | ForEach {name} | select {{ user }}", "powershell") == ("{{ user }}",)


def test_long_text_of_near_misses_is_read_quickly():
    assert unfilled("'{" + "name " * 2500 + "'") == ()
