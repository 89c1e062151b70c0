import pytest

from itops.targets.importers.host_ranges import expand


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("web", ["web"]),
        ("web[01:03].x", ["web01.x", "web02.x", "web03.x"]),
        ("web[8:10]", ["web8", "web9", "web10"]),
        ("web[1:5:2]", ["web1", "web3", "web5"]),
        ("db-[a:c]", ["db-a", "db-b", "db-c"]),
        ("r[1:2]n[a:b]", ["r1na", "r1nb", "r2na", "r2nb"]),
    ],
)
def test_ranges(name, names):
    assert expand(name) == names


@pytest.mark.parametrize("name", ["w[3:1]", "w[a:3]", "w[1:2:0]", "w[0:99999]", "w[1:5000][1:5000]", "w[1:9999999999]"])
def test_what_is_no_range(name):
    with pytest.raises(ValueError, match=r"range|more than"):
        expand(name)
