import pytest
from pydantic import ValidationError

from itops.targets.entries import TargetEntry, fault_of_name


@pytest.mark.parametrize("name", ["web-1", "db.example.com", "a", "10.0.0.1", "_x", "WEB"])
def test_names(name):
    assert fault_of_name(name) == ""


@pytest.mark.parametrize("name", ["", "local", "Localhost", "all", "a b", "a/b", "group:x", "-x", "a,b", "x" * 254])
def test_what_is_no_name(name):
    assert fault_of_name(name)


@pytest.mark.parametrize(
    "values",
    [
        {"host": "-oProxyCommand=x"},
        {"host": "a b"},
        {"user": "-x"},
        {"port": 65536},
        {"password": "hunter2"},
        {"account": "12"},
        {"regions": ["moon"]},
        {"platform": "vms"},
        {"tags": ["a b"]},
    ],
)
def test_what_an_entry_may_not_hold(values):
    with pytest.raises(ValidationError):
        TargetEntry.model_validate(values)


def test_one_word_is_a_list_of_one():
    assert TargetEntry.model_validate({"tags": "web", "via": "b"}).tags == ("web",)
