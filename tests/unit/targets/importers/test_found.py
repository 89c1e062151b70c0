from itops.targets.entries import GroupEntry
from itops.targets.importers.found import Found, name_of


def test_names_are_made_fit_and_that_is_told():
    found = Found()
    assert found.add_target("dev admin", {}) == "dev-admin"
    assert found.changed[0].why == "is dev-admin here"
    assert name_of("a/b") == "a-b"


def test_what_can_be_no_target_is_left_with_a_reason():
    found = Found()
    assert [found.add_target(name, values) for name, values in (("all", {}), ("a", {"port": "x"}))] == ["", ""]
    assert len(found.left) == 2


def test_a_group_with_the_name_of_a_target_gets_another():
    found = Found()
    found.add_target("db", {})
    assert found.add_group("db", GroupEntry()) == "db-group"
