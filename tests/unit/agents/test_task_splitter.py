from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import yaml

from itops.agents.task_splitter import outline, readings, split

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "agents" / "splits.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["words"])
def test_splits_at_joints(case: dict[str, Any]) -> None:
    assert list(split(case["words"])) == case["parts"]


def test_a_list_of_things_has_readings() -> None:
    assert ("show uptime", "show free memory", "show listening ports") in readings(
        "show uptime and free memory and listening ports"
    )
    assert ("disk usage", "memory usage") in readings("disk and memory usage")
    assert ("restart nginx", "restart apache2", "restart mysql") in readings("restart nginx, apache2 and mysql")
    assert ("show disk usage of /var", "show disk usage of /home") in readings("show disk usage of /var and /home")


@pytest.mark.parametrize(
    "words",
    ["show uptime", "block peter's account, his laptop got stolen", "delete the account of bob, leave the files alone"],
)
def test_prose_is_no_list(words: str) -> None:
    assert readings(words) == ()


def test_an_outline_looks_before_a_change_of_things_that_must_be_found() -> None:
    assert outline("Delete unused volumes") == ("find unused volumes", "Delete unused volumes")
    assert outline("Find unused volumes and delete them") == ("Find unused volumes", "delete unused volumes")
    assert outline("Create volumes") == ("Create volumes",)


@hypothesis.given(st.text(max_size=200))
def test_any_text_has_parts_of_its_own_words(text: str) -> None:
    parts = split(text)
    assert parts
    assert all("\ue000" not in part or "\ue000" in text for part in parts)


def test_a_long_text_is_split_quickly() -> None:
    assert split("restart nginx and " * 1000)
    assert split("a, " * 5000)
