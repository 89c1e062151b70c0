import pytest

from itops.agents.value_shapes import kind_of, spellings, values
from itops.domain.instruction import Parameter


@pytest.mark.parametrize(
    ("kind", "words", "found"),
    [
        ("path", "look at /var/log, ~/mail and ./x.", ["/var/log", "~/mail", "./x"]),
        ("path", "either/or and https://a.example/x", []),
        ("path", "back up '/srv/my data' now", ["/srv/my data"]),
        ("host", "from 10.0.0.1 to db.example.com:5432", ["10.0.0.1", "db.example.com", "from", "to"]),
        ("port", "port 443 of 10.0.0.1", ["443"]),
        ("count", "top five of 12 files, 3.5 times", ["five", "12"]),
        ("size", "over 1.5 gigabytes or 500M", ["1.5 gigabytes", "500M"]),
        ("duration", "7 days, 2h and an hour", ["7 days", "2h", "an hour"]),
        ("date", "until 2027-01-31.", ["2027-01-31"]),
        ("user", "alice's account", ["alice", "account"]),
        ("mode", "to 0640 or u+rwx", ["0640", "u+rwx"]),
    ],
)
def test_values_are_found_by_their_shape(kind: str, words: str, found: list[str]) -> None:
    assert [value.text for value in values(kind, words)] == found


@pytest.mark.parametrize(
    ("name", "kind", "text", "spelling"),
    [
        ("size", "size", "2 GB", "2G"),
        ("size", "size", "2 GB", "2048M"),
        ("size", "size", "1.5g", "1536M"),
        ("size", "size", "1 kb", "1024"),
        ("age", "duration", "2 weeks", "14d"),
        ("age", "duration", "an hour", "60m"),
        ("days", "count", "2 weeks", "14"),
        ("hours", "duration", "1 day", "24"),
        ("count", "count", "ten", "10"),
        ("user", "user", "alice", "alice"),
    ],
)
def test_a_value_is_spelt_as_programs_want_it(name: str, kind: str, text: str, spelling: str) -> None:
    assert spelling in list(spellings(Parameter(name=name, type=kind), text))


def test_an_amount_that_does_not_come_out_even_has_no_spelling() -> None:
    assert list(spellings(Parameter(name="days", type="count"), "5 hours")) == []


def test_a_count_named_after_a_unit_is_an_amount_of_time() -> None:
    assert kind_of(Parameter(name="days", type="count")) == "duration"
    assert kind_of(Parameter(name="m", type="count")) == "count"
