from pathlib import Path

import pytest

TEXT = """---
id: test.hello
title: Say hello to the world
platform: linux
effect: read
phrases: [say hello to the world]
---
Greets.

```bash run
echo hello
```
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hello.md"
    path.write_text(TEXT)
    return path


@pytest.fixture
def added(call, filled, file) -> str:
    """An instruction that is a draft."""
    assert call("instructions", "add", str(file)).code == 0
    return "test.hello"


def state(call) -> str:
    return next(row["state"] for row in call("instructions", "list", "--json").json if row["id"] == "test.hello")


def test_the_starter_library_is_listed(call, filled):
    rows = call("instructions", "list", "--json").json
    assert len(rows) >= 40
    assert {row["state"] for row in rows} == {"published"}
    assert rows[0]["id"] in call("instructions").out


def test_an_instruction_is_added_as_a_draft_then_published(call, added):
    assert state(call) == "draft"
    assert call("instructions", "publish", added).out == "Published test.hello.\n"
    assert state(call) == "published"


def test_an_instruction_is_added_published_where_it_is_told_so(call, filled, file):
    assert "(published)" in call("instructions", "add", str(file), "--publish").out
    assert state(call) == "published"


def test_it_is_shown_as_markdown_that_can_be_read_back(call, added, tmp_path):
    shown = call("instructions", "show", added)
    (tmp_path / "again.md").write_text(shown.out)
    assert "echo hello" in shown.out
    assert call("instructions", "edit", added, str(tmp_path / "again.md")).code == 0
    document = call("instructions", "show", added, "--json").json
    assert (document["id"], len(document["version"])) == ("test.hello", 64)
    assert len(call("instructions", "history", added, "--json").json) == 1


def test_an_edit_is_a_new_version_by_its_author(call, added, file):
    file.write_text(TEXT.replace("echo hello", "echo hi"))
    assert call("instructions", "edit", added, str(file)).code == 0
    versions = call("instructions", "history", added, "--json").json
    assert len({row["version"] for row in versions}) == 2
    assert all(row["author"] for row in versions)
    assert "echo hi" in call("instructions", "show", added).out
    file.write_text(TEXT.replace("test.hello", "test.other"))
    assert "holds the instruction 'test.other'" in call("instructions", "edit", added, str(file)).err


def test_what_is_removed_is_no_longer_there_but_in_its_history(call, added):
    assert call("instructions", "remove", added).out == "Removed test.hello.\n"
    assert call("instructions", "show", added).code == 2
    assert len(call("instructions", "history", added, "--json").json) == 1


def test_a_folder_is_taken_in_once_and_says_what_was_left_out(call, filled, tmp_path):
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "hello.md").write_text(TEXT)
    first = call("instructions", "sync", str(folder), "--json")
    assert (first.code, first.json) == (0, {"added": 1, "edited": 0, "unchanged": 0, "problems": []})
    (folder / "broken.md").write_text("---\nid: [\n---\n")
    second = call("instructions", "sync", str(folder), "--json")
    assert (second.code, second.json["unchanged"]) == (1, 1)
    assert "broken.md" in second.json["problems"][0]
    assert "broken.md" in call("instructions", "sync", str(folder)).out


@pytest.mark.parametrize(
    ("text", "said", "code"),
    [
        (TEXT, "1 instructions read, 0 findings.", 0),
        ("no front matter", "bad.md", 1),
        (TEXT.replace("id: test.hello", "id: Bad Id"), "bad.md", 1),
        (TEXT.replace("```bash run", "```bash run\ncd /srv"), "test.hello: The run block, line 1: Use 'cd", 1),
    ],
)
def test_lint_names_the_file_and_changes_nothing(call, home, tmp_path, text, said, code):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "bad.md", tmp_path / "folder" / "bad.md"):
        path.write_text(text)
        told = call("instructions", "lint", str(path if path.parent == tmp_path else path.parent))
        assert told.code == code
        assert said in told.out
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["show", "none"], ["remove", "none"], ["publish", "none"], ["add", "missing.md"], ["sync", "missing"]]
)
def test_what_is_not_there_is_said(call, filled, words):
    told = call("instructions", *words)
    assert (told.code, told.out) == (2, "")
    assert "Error: " in told.err
