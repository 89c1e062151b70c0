import pytest

from itops.errors import UsageError
from itops.targets.importers.ansible_ini import read_ini

TEXT = """lone
[web]
web[01:02] ansible_user="deploy"  # two
x:2222 ansible_host=10.0.0.9
[prod:children]
web
[web:vars]
ansible_port=23
"""


def test_hosts_groups_ranges_and_variables():
    found = read_ini(TEXT, "f")
    assert list(found.targets) == ["lone", "web01", "web02", "x"]
    assert (found.targets["web01"].user, found.targets["web01"].port, found.targets["x"].port) == ("deploy", 23, 2222)
    assert found.groups["prod"].environment == "prod"
    assert found.groups["prod"].members == ("group:web",)


@pytest.mark.parametrize("text", ["[web", "[a:b]", "a 'b", "a b", "[a:vars]\nx", "a[2:1]"])
def test_a_line_that_is_off_is_named(text):
    with pytest.raises(UsageError, match=r"f, line \d: .*Nothing was imported"):
        read_ini(text, "f")
