import pytest

from itops.errors import UsageError
from itops.targets.entries import GroupEntry, TargetEntry
from itops.targets.importers.found import Found
from itops.targets.inventory_edit import InventoryEditor
from itops.targets.inventory_file import load_entries

TEXT = (
    "version: 1\n# ours\ntargets:\n    a: {host: h} # first\n    # second\n    b:\n      host: i\ngroups:\n  g: [a]\n"
)


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_text(TEXT)
    file.chmod(0o600)
    return file


def test_adding_keeps_every_other_line(file):
    InventoryEditor(file).add("c", TargetEntry(host="j"), ["new"])
    lines = file.read_text().splitlines()
    assert set(TEXT.splitlines()) <= set(lines)
    entries = load_entries(file)
    assert (entries.targets["c"].host, entries.groups["new"].members) == ("j", ("c",))


def test_the_first_target_makes_the_file_for_its_owner_alone(tmp_path):
    file = tmp_path / "home" / "targets.yaml"
    InventoryEditor(file).add("yes", TargetEntry())
    assert list(load_entries(file).targets) == ["yes"]
    assert file.stat().st_mode & 0o077 == 0


def test_removing_takes_its_lines_alone(file):
    InventoryEditor(file).remove("b")
    assert file.read_text() == TEXT.replace("    b:\n      host: i\n", "")


@pytest.mark.parametrize("name", ["a", "nope"])
def test_what_is_not_there_or_is_needed_is_not_removed(file, name):
    with pytest.raises(UsageError) as raised:
        InventoryEditor(file).remove(name)
    assert raised.value.world == "The inventory is as it was."
    assert file.read_text() == TEXT


@pytest.mark.parametrize("name", ["a", "A", "g"])
def test_a_name_that_is_taken_is_not_added(file, name):
    with pytest.raises(UsageError, match="already"):
        InventoryEditor(file).add(name, TargetEntry())


def test_an_import_takes_what_is_new_and_leaves_what_differs_unless_told(file):
    found = Found(
        targets={"a": TargetEntry(host="other"), "n": TargetEntry()}, groups={"g": GroupEntry(members=("a",))}
    )
    editor = InventoryEditor(file)
    report = editor.take(found, dry_run=True)
    assert file.read_text() == TEXT
    assert (report.targets, report.groups) == (("n",), ())
    assert [note.why for note in report.left] == ["it is there already, and differs", "it is there already"]
    editor.take(found, replace=True)
    assert load_entries(file).targets["a"].host == "other"
    assert editor.take(found, replace=True).targets == ()


def test_a_file_on_one_line_is_left_to_its_author(file):
    file.write_text("version: 1\ntargets: {a: {}}\n")
    with pytest.raises(UsageError, match="on one line"):
        InventoryEditor(file).add("b", TargetEntry())
