import pytest

from itops.errors import UsageError
from itops.targets.importers.ansible_yaml import read_json, read_yaml

YAML = """all:
  vars: {ansible_user: deploy}
  children:
    web:
      hosts:
        web[1:2]:
        web3: {ansible_host: h}
    prod: {children: {web: }}
"""
JSON = '{"_meta": {"hostvars": {"a": {"ansible_host": "h"}}}, "all": {"children": ["g"]}, "g": {"hosts": ["a", "b"]}}'


def test_yaml():
    found = read_yaml(YAML, "f")
    assert [(name, one.user, one.host) for name, one in found.targets.items()] == [
        ("web1", "deploy", ""),
        ("web2", "deploy", ""),
        ("web3", "deploy", "h"),
    ]
    assert found.groups["web"].members == ("web1", "web2", "web3")


def test_json():
    found = read_json(JSON, "f")
    assert (found.targets["a"].host, found.groups["g"].members) == ("h", ("a", "b"))


@pytest.mark.parametrize("text", ["[a]", "all: {x: 1}", "all: {hosts: [a]}", "a: [", "all: {hosts: {'w[2:1]': }}"])
def test_what_is_no_inventory_in_yaml(text):
    with pytest.raises(UsageError, match="Nothing was imported"):
        read_yaml(text, "f")


@pytest.mark.parametrize("text", ["x", "[]", '{"g": {"hosts": "a"}}', '{"_meta": []}', "[" * 100_000])
def test_what_is_no_inventory_in_json(text):
    with pytest.raises(UsageError, match="Nothing was imported"):
        read_json(text, "f")
