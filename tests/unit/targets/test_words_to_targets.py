from pathlib import Path

import pytest
import yaml

from itops.errors import UnknownTarget
from itops.targets.inventory import Inventory

CASES = Path(__file__).parents[2] / "cases" / "targets"
CERTAIN = yaml.safe_load((CASES / "words_to_targets.yaml").read_text())
UNCERTAIN = yaml.safe_load((CASES / "words_that_are_not_certain.yaml").read_text())


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return Inventory(CASES / "inventory.yaml")


@pytest.mark.parametrize(("words", "names"), CERTAIN, ids=[words for words, _ in CERTAIN])
def test_the_targets_that_words_mean(inventory, words, names):
    assert [target.name for target in inventory.resolve((), words)] == (names or ["local"])


@pytest.mark.parametrize(("words", "reason"), UNCERTAIN, ids=[words for words, _ in UNCERTAIN])
def test_words_that_are_not_certain_run_nowhere(inventory, words, reason):
    with pytest.raises(UnknownTarget, match=reason):
        inventory.resolve((), words)
