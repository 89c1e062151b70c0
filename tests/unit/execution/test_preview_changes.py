"""What was written over a view, against the files as they are."""

from pathlib import Path
from typing import Any

import pytest

from itops.execution.preview_changes import Layer, Made, changes_of, made_of


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    """A whole layer over a folder with a file and a folder in it."""
    path, place = tmp_path / "path", tmp_path / "place"
    for folder in (path / "below", place):
        folder.mkdir(parents=True)
    (path / "below" / "file").write_text("as it is\n")
    return Layer(path, place, (), is_whole=True)


def found(*layers: Layer, made: dict[Path, Made] | None = None, **limits: int) -> list[dict[str, Any]]:
    changes, _ = changes_of(list(layers), made or {}, **({"most": 100, "text_bytes": 1000} | limits))
    return changes


def test_nothing_written_is_nothing_changed(layer: Layer) -> None:
    assert found(layer) == []


def test_what_is_added_and_what_is_changed(layer: Layer) -> None:
    (layer.place / "below").mkdir()
    (layer.place / "below" / "file").write_text("as it would be\n")
    (layer.place / "new").write_text("x")
    changes = found(layer)
    assert [(each["path"], each["what"]) for each in changes] == [
        (str(layer.path / "below" / "file"), "changed"),
        (str(layer.path / "new"), "added"),
    ]
    assert (changes[0]["before_text"], changes[0]["after_text"]) == ("as it is\n", "as it would be\n")


def test_a_file_written_as_it_was_is_not_changed(layer: Layer) -> None:
    (layer.place / "below").mkdir()
    (layer.place / "below" / "file").write_text("as it is\n")
    assert found(layer) == []


def test_a_mode_alone_is_a_change(layer: Layer) -> None:
    (layer.place / "below").mkdir()
    (layer.place / "below" / "file").write_text("as it is\n")
    (layer.place / "below" / "file").chmod(0o600)
    (change,) = found(layer)
    assert (change["before"]["mode"], change["after"]["mode"]) == ("0644", "0600")


def test_other_contents_of_the_same_length_are_a_change(layer: Layer) -> None:
    (layer.place / "below").mkdir()
    (layer.place / "below" / "file").write_text("as it IS\n")
    assert len(found(layer)) == 1


def test_what_we_made_ourselves_differs_by_no_mode(layer: Layer) -> None:
    layer.place.chmod(0o500)
    assert found(layer, made={layer.place: made_of(layer.place)}) == []
    assert [each["what"] for each in found(layer)] == ["changed"]


def test_large_files_and_such_that_are_no_text_have_none(layer: Layer) -> None:
    (layer.place / "large").write_text("x" * 1001)
    (layer.place / "binary").write_bytes(b"\xff\x00")
    assert [each["after_text"] for each in found(layer)] == [None, None]


def test_no_more_than_wanted_and_all_are_counted(layer: Layer) -> None:
    for number in range(5):
        (layer.place / str(number)).touch()
    changes, total = changes_of([layer], {}, most=2, text_bytes=10)
    assert (len(changes), total) == (2, 5)


def test_links_are_not_followed(layer: Layer) -> None:
    (layer.place / "link").symlink_to("/etc/passwd")
    (change,) = found(layer)
    assert change["after"] | {"owner": ""} == {
        "kind": "link",
        "size": 0,
        "mode": "0777",
        "owner": "",
        "leads_to": "/etc/passwd",
    }
    assert "after_text" not in change


def test_a_split_layer_knows_what_was_put_there(tmp_path: Path) -> None:
    path, place = tmp_path / "path", tmp_path / "place"
    for folder in (path / "other", place / "other", place / "new"):
        folder.mkdir(parents=True)
    for name, text in (("kept", "a"), ("edited", "a"), ("gone", "a")):
        (path / name).write_text(text)
    (place / "kept").write_text("a")
    (place / "edited").write_text("b")
    (place / "new" / "file").write_text("c")
    layer = Layer(path, place, ("kept", "edited", "gone"), is_whole=False)
    assert [(each["path"].removeprefix(f"{path}/"), each["what"]) for each in found(layer)] == [
        ("edited", "changed"),
        ("gone", "removed"),
        ("new", "added"),
        ("new/file", "added"),
    ]
