from pathlib import Path

import pytest
import yaml

from itops.targets.host_words import hosts_named_in

CASES = Path(__file__).parents[2] / "cases" / "targets"
NAMING = yaml.safe_load((CASES / "words_that_name_a_host.yaml").read_text())
NAMING_NONE = yaml.safe_load((CASES / "words_that_name_none.yaml").read_text())


@pytest.mark.parametrize(("words", "hosts"), NAMING, ids=[words for words, _ in NAMING])
def test_the_hosts_that_words_name(words, hosts):
    assert hosts_named_in(words) == hosts


@pytest.mark.parametrize("words", NAMING_NONE)
def test_words_that_name_no_other_host(words):
    assert hosts_named_in(words) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["x", "on ", "on web-", "on web-1 and ", "on " + " " * 99, "a-", "on a@", "on 1.1.1.1,"]
)
def test_long_words_are_read_in_time_that_grows_with_their_length(piece):
    hosts_named_in("on " + piece * (200_000 // len(piece)) + "!")
