from pathlib import Path

import pytest

from itops.errors import UnknownTarget
from itops.targets.inventory import Inventory

INVENTORY = Inventory(Path(__file__).parents[2] / "cases" / "targets" / "inventory.yaml")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("web-1", ["web-1"]),
        ("10.0.1.1", ["web-1"]),
        ("local", ["local"]),
        ("group:webservers", ["web-1", "web-2", "web-3", "web-4"]),
        ("group:db", ["db-1", "db-2", "db-3"]),
        ("group:webservers,env:staging", ["web-1", "web-2"]),
        ("group:webservers, env:staging, not:web-1", ["web-2"]),
        ("tag:postgres", ["db-1", "db-2"]),
        ("env:dev", ["alpha", "dev"]),
        ("dev/eu-west-1", ["dev/eu-west-1"]),
    ],
)
def test_a_selection_is_these_targets(text, names):
    assert [target.name for target in INVENTORY.select(text)] == names


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web-9", "no target 'web-9'; the nearest are: web-"),
        ("webservers", "is a group, not a target"),
        ("group:nope", "no group 'nope'"),
        ("tag:nope", "has the tag 'nope'"),
        ("env:qa", "has the environment 'qa'; there are: dev, prod, staging"),
        ("not:web-1", "only what is left out"),
        ("group:db,env:dev", "No target fits"),
        ("web-1,not:web-1", "No target fits"),
        ("dev/ap-southeast-2", "it is in: eu-west-1, us-east-1"),
        ("live/moon", "no Region of AWS"),
        ("web-1/eu-west-1", "no account"),
        ("all", "no target 'all'"),
        ("", "no target ''"),
    ],
)
def test_what_selects_nothing_is_refused(text, told):
    with pytest.raises(UnknownTarget, match=told):
        INVENTORY.select(text)
