import pytest

from itops.errors import UsageError
from itops.targets.importers.csv_hosts import read_csv


def test_lines_are_targets():
    found = read_csv("\ufeffName,IP,env,tags,group,owner\na,10.0.0.1,prod,x;y,web db,me\nb,,,,web,\n", "f")
    assert (found.targets["a"].host, found.targets["a"].tags) == ("10.0.0.1", ("x", "y"))
    assert {name: one.members for name, one in found.groups.items()} == {"web": ("a", "b"), "db": ("a",)}
    assert found.left[0].what == "the column owner"


@pytest.mark.parametrize("text", ["", "host\na", "name,name\na,b", "name,host\na", 'name\n"a'])
def test_what_is_off_is_named_with_its_line(text):
    with pytest.raises(UsageError, match=r"f, line \d"):
        read_csv(text, "f")
