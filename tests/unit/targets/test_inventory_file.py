import time

import pytest

from itops.errors import InventoryError
from itops.targets.inventory_file import entries_of, load_entries


def test_defaults_are_for_hosts_and_not_for_accounts():
    entries = entries_of(
        "version: 1\ndefaults: {user: deploy, port: 22}\ntargets:\n  a: {port: 2200}\n  b:\n  c: {platform: aws}\n", "f"
    )
    assert [(one.user, one.port) for one in entries.targets.values()] == [("deploy", 2200), ("deploy", 22), ("", 0)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("targets: {}", "line 1: it must begin with `version: 1`"),
        ("- a", "line 1: it must begin"),
        ("version: 1\ntarget: {}", "line 2: there is no key 'target'; the nearest: targets"),
        ("version: 1\ntargets:\n  a: {hst: x}", "line 3: target a, hst: there is no such key; the nearest: host"),
        ("version: 1\ntargets:\n  a: {}\n  a: {}", "line 4: 'a' stands twice: also on line 3"),
        ("version: 1\ntargets:\n  a: {}\n  A: {}", "line 4: 'A' stands twice"),
        (
            "version: 1\ngroups:\n  a: []\ntargets:\n  a: {}",
            "line 3: the group 'a' has the name of the target on line 5",
        ),
        ("version: 1\ntargets:\n  a:\n    port: 22\n    password: x", "line 5: target a, password: it names no secret"),
        ("version: 1\ntargets:\n  all: {}", "line 3: 'all' has a meaning"),
        ("version: 1\ntargets: [a]", "line 2: `targets` holds names"),
        ("version: 1\ndefaults: {host: x}", "line 2: 'host' has no default"),
        ("version: 1\nprotected: a", "line 2: `protected` is a list"),
        ("version: 1\n a: b", "line 2: it is no YAML"),
    ],
)
def test_what_is_off_is_told_with_its_line(text, told):
    with pytest.raises(InventoryError) as raised:
        entries_of(text, "f")
    assert raised.value.what.startswith(f"f, {told}")
    assert raised.value.world == "Nothing ran."


def test_without_a_file_there_is_nothing(tmp_path):
    assert load_entries(tmp_path / "none.yaml").targets == {}


def test_a_file_that_is_not_utf_8_is_refused_with_the_line(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_bytes(b"version: 1\n# caf\xe9\n")
    with pytest.raises(InventoryError, match="line 2: it is not UTF-8"):
        load_entries(file)


def test_a_file_that_others_may_write_is_refused(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_text("version: 1\n")
    file.chmod(0o666)
    with pytest.raises(InventoryError, match="Others may write"):
        load_entries(file)


def test_a_folder_in_its_place_is_refused(tmp_path):
    with pytest.raises(InventoryError, match="can't be read"):
        load_entries(tmp_path)


def test_ten_thousand_lines_are_read_soon():
    text = "version: 1\ntargets:\n" + "".join(f"  w-{n}: {{host: 10.0.0.1, tags: [web]}}\n" for n in range(10_000))
    start = time.perf_counter()
    assert len(entries_of(text, "f").targets) == 10_000
    assert time.perf_counter() - start < 20
