import pytest

from itops.domain.connection import Connection
from itops.errors import InventoryError
from itops.targets.inventory_file import entries_of
from itops.targets.roster import Roster


def roster(text: str) -> Roster:
    return Roster(entries_of(f"version: 1\n{text}", "f"))


def test_groups_hold_groups_and_give_their_targets_tags_and_environment():
    made = roster(
        "targets: {a: {tags: [own]}, b: {}}\ngroups:\n  all_web: [group:web, b]\n"
        "  web: {members: [a], environment: prod, tags: [x]}\nprotected: [web]\n"
    )
    assert made.groups == {"web": ("a",), "all_web": ("a", "b")}
    assert made.targets["a"].environment == "prod"
    assert set(made.targets["a"].tags) == {"own", "web", "all_web", "x", "protected"}
    assert made.sizes == {"own": 1, "web": 1, "all_web": 2, "x": 1, "protected": 1, "env:prod": 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("groups:\n  a: [b]\n  b: [c]\n  c: [a]", "line 3: groups hold each other: a > b > c > a"),
        ("groups:\n  a: [a]", "a > a"),
        ("groups:\n  a: [nope]", "line 3: the group a names 'nope', which is no target and no group"),
        ("protected: [nope]", "protected names 'nope'"),
        ("targets:\n  a: {via: [b]}\n  b: {via: [a]}", "the bastions of a lead back to it"),
        ("targets:\n  a: {via: ['-x']}", "the bastion '-x' is neither"),
        ("targets:\n  a: {via: ['h:99999']}", "the bastion 'h:99999' is neither"),
        (
            "targets:\n  a: {environment: prod}\ngroups:\n  s: {members: [a], environment: staging}",
            "the target a says prod and the group s says staging",
        ),
        ("groups:\n" + "".join(f"  g{n}: [g{n + 1}]\n" for n in range(2000)) + "  g2000: []\n", "more than 50 deep"),
    ],
    ids=lambda value: value[:30],
)
def test_what_does_not_fit_together_is_refused(text, told):
    with pytest.raises(InventoryError) as raised:
        roster(text)
    assert told in raised.value.what


def test_connections_with_bastions_by_name_and_by_address():
    made = roster("targets:\n  a: {host: h, user: u, key_files: /k, via: [b, 'x@y:2200']}\n  b: {host: bh, port: 23}\n")
    connection = made.connection("a")
    assert connection.via[0] == Connection(host="bh", port=23)
    assert (connection.via[1].user, connection.via[1].host, connection.via[1].port) == ("x", "y", 2200)
    assert made.targets["a"].address == "u@h via bh:23 via x@y:2200"


def test_an_account_has_its_options_and_a_region_only_when_named():
    made = roster("targets:\n  a: {platform: aws, profile: p, regions: [eu-west-1]}\n")
    assert made.targets["a"].address == "profile=p"
    assert made.connection("a", "eu-west-1").options == {"profile": "p", "region": "eu-west-1"}
    assert [made.targets[name].executor for name in ("local", "a")] == ["system", "aws"]
