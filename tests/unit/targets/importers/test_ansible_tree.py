from itops.targets.importers.ansible_tree import Tree


def test_a_nearer_group_speaks_over_those_that_hold_it_and_a_circle_ends():
    tree = Tree()
    tree.add_host("h", "inner", {})
    tree.add_host("localhost", "inner", {})
    tree.group("inner").variables["ansible_user"] = "near"
    tree.group("outer").variables.update(ansible_user="far", ansible_port="23")
    tree.group("outer").children["inner"] = None
    tree.group("inner").children["outer"] = None
    found = tree.found()
    assert (found.targets["h"].user, found.targets["h"].port) == ("near", 23)
    assert found.left[0].what == "the host localhost"
    assert found.groups["outer"].members == ("group:inner",)
