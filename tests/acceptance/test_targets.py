"""``itops targets``, and tasks for places that the words or ``--target`` name."""

import pytest

# Reached through this machine itself, so that what runs there is seen to run.
INVENTORY = """version: 1
targets:
  web-1: {executor: system, environment: staging}
  web-2: {executor: system, environment: staging}
  web-3: {executor: system, environment: prod}
  db-1: {executor: system, environment: prod}
  far-1: {host: 127.0.0.1, port: 9}
groups:
  web: [web-1, web-2, web-3]
protected: [db-1]
"""


@pytest.fixture
def inventory(home):
    file = home / "targets.yaml"
    file.write_text(INVENTORY)
    file.chmod(0o600)
    return file


def test_words_say_where_it_runs_and_that_is_shown_first(itops, inventory) -> None:
    done = itops("run", "show uptime on all staging web servers", "--json")
    assert done.code == 0, done.err
    assert [target["name"] for target in done.json["targets"]] == ["web-1", "web-2"]
    assert [result["target"] for result in done.json["steps"][0]["results"]] == ["web-1", "web-2"]


def test_targets_by_option(itops, inventory) -> None:
    done = itops("run", "show uptime", "--target", "group:web,not:web-3", "--target", "local", "--dry-run", "--json")
    assert (done.code, done.json["state"]) == (0, "planned")
    assert done.json["steps"][0]["script"]["targets"] == ["web-1", "web-2", "local"]


def test_a_target_far_away_is_shown_with_its_address_before_the_plan(itops, inventory) -> None:
    done = itops("run", "show uptime on far-1", "--dry-run")
    assert done.code == 0
    assert done.out.index("Runs on 1 target") < done.out.index("far-1 (127.0.0.1:9, linux)") < done.out.index("Plan:")


def test_a_protected_target_asks_before_it_is_read(itops, inventory) -> None:
    done = itops("run", "show uptime on db-1", "--json")
    assert done.code == 4
    assert "targets.protected" in [reason["rule"] for reason in done.json["steps"][0]["verdict"]["reasons"]]


@pytest.mark.parametrize(
    ("words", "option", "told"),
    [
        ("show uptime on web-9", [], "the nearest are: web-"),
        ("show uptime on all servers", [], "every one there is"),
        ("show uptime on the cache servers", [], "cache servers"),
        ("restart web-1", [], "do not say where to run"),
        ("show uptime", ["--target", "web"], "--target group:web"),
        ("show uptime on web-1", ["--target", "web-2"], "--target names web-2"),
    ],
)
def test_what_is_not_certain_runs_nowhere(itops, inventory, words, option, told) -> None:
    done = itops("run", words, *option, "--json")
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert itops("tasks", "list", "--json").json == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"version: 1\ntargets:\n  a: {hst: x}\n", "line 3: target a, hst: there is no such key; the nearest: host"),
        (b"version: 1\ngroups:\n  a: [b]\n  b: [a]\n", "groups hold each other: a > b > a"),
        (b"version: 1\ntargets:\n  a: {}\n  a: {}\n", "'a' stands twice"),
        (b"version: 1\ntargets:\n  a: {}\ngroups:\n  a: []\n", "has the name of the target"),
        (b"version: 1\n# \xff\n", "line 2: it is not UTF-8"),
        (b"[" * 200_000, "line 1: it nests too deeply"),
    ],
    ids=["key", "circle", "twice", "both", "bytes", "deep"],
)
def test_an_inventory_that_is_off_stops_everything_and_says_where(itops, inventory, content, told) -> None:
    inventory.write_bytes(content)
    done = itops("run", "show uptime")
    assert done.code == 6
    assert told in done.err


def test_an_inventory_is_made_by_commands(itops, home, tmp_path) -> None:
    (tmp_path / "hosts.ini").write_text("[web]\nweb-[1:3] ansible_user=deploy ansible_password=hunter2\n")
    report = itops("targets", "import", str(tmp_path / "hosts.ini"), "--json").json
    assert (report["targets"], report["groups"]) == (["web-1", "web-2", "web-3"], ["web"])
    assert "hunter2" not in (home / "targets.yaml").read_text()
    assert itops("targets", "add", "db-1", "--host", "10.0.0.5", "--group", "db").code == 0
    assert [row["address"] for row in itops("targets", "list", "group:db", "--json").json] == ["10.0.0.5"]
    assert itops("targets", "show", "web-1", "--json").json[0]["connection"] == {"host": "web-1", "user": "deploy"}
    assert itops("targets", "remove", "db-1").code == 2
    assert itops("targets", "add", "web-1").code == 2


def test_each_target_is_tried_and_says_why_not(itops, inventory) -> None:
    done = itops("targets", "test", "--json", "--seconds", "5")
    reached = {row["target"]: (row["reached"], bool(row["why"])) for row in done.json}
    assert done.code == 1
    assert reached["local"] == reached["web-1"] == (True, False)
    assert reached["far-1"] == (False, True)
