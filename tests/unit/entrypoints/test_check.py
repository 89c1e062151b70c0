import json

import pytest


def rows(told) -> list[dict]:
    return [json.loads(line) for line in told.out.splitlines()]


@pytest.mark.parametrize(("text", "verdict", "code"), [("ls /", "allow", 0), ("rm /srv/x", "ask", 1)])
def test_the_exit_code_is_the_verdict(call, text, verdict, code):
    told = call("check", text)
    assert told.code == code
    assert told.out.startswith(verdict)


def test_a_denial_has_its_own_code_and_names_its_rule(call):
    told = call("check", "rm -rf /", "--json")
    assert (told.code, told.json["verdict"]) == (3, "deny")
    assert told.json["reasons"][0]["rule"]
    assert told.json["commands"] == [["rm", "-rf", "/"]]


def test_without_a_text_it_reads_standard_input(call):
    assert call("check", stdin="ls /\n").code == 0


def test_lines_are_judged_in_order_and_the_strictest_decides(call, tmp_path):
    lines = [
        {"id": "a", "command": "ls /"},
        {"id": 2, "shell": "bash", "command": "rm /srv/x"},
        {"command": "ls /tmp"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n\n".join(map(json.dumps, lines)) + "\n")
    told = call("check", "--jsonl", str(file))
    assert [(row["id"], row["verdict"]) for row in rows(told)] == [("a", "allow"), (2, "ask"), (None, "allow")]
    assert told.code == 1
    assert set(rows(told)[0]) == {"id", "verdict", "effect", "reasons", "commands"}
    assert rows(call("check", "--jsonl", "-", stdin=file.read_text())) == rows(told)


def test_no_lines_are_all_allowed(call):
    told = call("check", "--jsonl", "-", stdin="\n")
    assert (told.code, told.out) == (0, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Line 2 is not JSON"),
        ("[]", "Line 2 needs"),
        ('{"command": 1}', "Line 2 needs"),
        ('{"command": " "}', "Line 2 needs"),
        ('{"command": "ls", "shell": "fish"}', "'fish'"),
        ('{"command": "ls", "shell": []}', "there are: bash"),
    ],
)
def test_a_line_that_is_off_is_named_and_nothing_is_judged(call, line, said):
    told = call("check", "--jsonl", "-", stdin='{"command": "ls"}\n' + line)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert "Nothing was judged." in told.err


@pytest.mark.parametrize("words", [["--jsonl", "missing.jsonl"], ["--jsonl", "/"], [""], ["ls", "--shell", "fish"]])
def test_a_call_that_is_off_is_told_so(call, words):
    assert call("check", *words).code == 2


def test_a_file_that_is_no_text_is_told_so(call, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    told = call("check", "--jsonl", str(tmp_path / "binary"))
    assert (told.code, told.out) == (2, "")


def test_judging_leaves_no_state_behind(call, home):
    call("check", "ls /")
    assert list(home.iterdir()) == []
