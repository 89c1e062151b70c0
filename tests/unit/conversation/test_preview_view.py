"""A preview in words."""

from itops.conversation.preview_view import preview_words
from itops.domain.preview import FileChange, FileState, Preview

FILE = FileState(kind="file", size=9, mode="0644", owner="root:root")


def words(*changes: FileChange, **other: object) -> list[str]:
    return preview_words(Preview.model_validate({"changes": changes, "total": len(changes), **other})).splitlines()


def test_why_there_is_none() -> None:
    assert preview_words(Preview(trouble="it took too long")) == "No preview: it took too long."


def test_no_change() -> None:
    assert words() == ["Preview: tried on a copy, it changed no files."]


def test_each_kind_of_change() -> None:
    changed = FILE.model_copy(update={"size": 12_000, "mode": "0600", "owner": "ann:ann"})
    assert words(
        FileChange(path="/a", what="added", after=FILE),
        FileChange(path="/b", what="changed", before=FILE, after=changed, diff="--- x\n+++ y\n@@ @@\n-1\n+2"),
        FileChange(path="/c", what="removed", before=FileState(kind="directory")),
        FileChange(path="/d", what="changed", before=FILE, after=FILE),
        FileChange(path="/e", what="added", after=FileState(kind="link", leads_to="/f", mode="0777")),
    ) == [
        "Preview: tried on a copy, it changed 5 files and folders (2 added, 2 changed, 1 removed).",
        "+ /a (9 bytes), mode 0644, root:root",
        "~ /b 9 bytes -> 12 kB, mode 0644 -> 0600, owner root:root -> ann:ann",
        "    @@ @@",
        "    -1",
        "    +2",
        "- /c (directory)",
        "~ /d other contents",
        "+ /e (link to /f)",
    ]


def test_a_link_that_becomes_a_file() -> None:
    before = FileState(kind="link", leads_to="/f", mode="0777", owner="root:root")
    assert words(FileChange(path="/a", what="changed", before=before, after=FILE))[1] == (
        "~ /a (link to /f) -> (9 bytes), mode 0777 -> 0644"
    )


def test_how_it_failed_and_what_is_left_out() -> None:
    assert words(exit_code=2, output="first\nlast", total=3) == [
        "Preview: tried on a copy, it changed 3 files and folders before it failed with exit code 2.",
        "… and 3 more",
        "  first",
        "  last",
    ]
