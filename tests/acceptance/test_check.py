"""``itops check``: judged, in order, and never run."""

import json

import pytest

ROWS = [
    {"id": "a", "shell": "bash", "command": "ls -l /etc"},
    {"id": 2, "shell": "bash", "command": "touch /tmp/itops-never-touched"},
    {"id": "c", "shell": "bash", "command": "rm -rf /"},
    {"id": None, "shell": "bash", "command": "df -h | sort; uptime"},
    {"id": "e", "command": "echo 'öffne' \"über\""},
]


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_rows_are_judged_in_their_order(itops, tmp_path) -> None:
    (tmp_path / "rows").write_text(lines(*ROWS) + "\n")
    done = itops("check", "--jsonl", str(tmp_path / "rows"))
    judged = [json.loads(line) for line in done.out.splitlines()]
    assert [row["id"] for row in judged] == ["a", 2, "c", None, "e"]
    assert [row["verdict"] for row in judged] == ["allow", "ask", "deny", "allow", "allow"]
    assert [row["effect"] for row in judged][:3] == ["read", "change", "destroy"]
    for row in judged:
        assert row.keys() == {"id", "verdict", "effect", "reasons", "commands"}
        assert row["reasons"]
        assert all(reason["rule"] and reason["message"] for reason in row["reasons"])
        assert all(isinstance(word, str) for command in row["commands"] for word in command)
    assert judged[0]["commands"] == [["ls", "-l", "/etc"]]
    assert judged[3]["commands"] == [["df", "-h"], ["sort"], ["uptime"]]
    assert judged[4]["commands"] == [["echo", "öffne", "über"]]
    assert done.code == 3
    assert done.err == ""


@pytest.mark.parametrize(("rows", "code"), [(ROWS[:1], 0), (ROWS[:2], 1), (ROWS[:3], 3), ([], 0)])
def test_the_strictest_row_is_the_exit_code(itops, rows, code) -> None:
    done = itops("check", "--jsonl", "-", stdin=lines(*rows))
    assert done.code == code
    assert len(done.out.splitlines()) == len(rows)


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [("uptime", 0, "allow"), ("touch /tmp/x", 1, "ask"), ("mkfs.ext4 /dev/sda", 3, "deny"), ("if then", 1, "ask")],
)
def test_one_text(itops, text, code, word) -> None:
    done = itops("check", text)
    assert done.code == code
    assert done.out.startswith(word)
    if code == 1:
        assert itops("check", text, "--json").json["verdict"] == word


def test_a_text_on_standard_input(itops) -> None:
    done = itops("check", "--json", stdin="uptime\nfree -m\n")
    assert (done.code, done.json["commands"]) == (0, [["uptime"], ["free", "-m"]])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"id": 1, "command": "ls"}\n{"id": 2, "comm', "Line 2"),
        ('{"id": 1}', "Line 1"),
        ("[]", "Line 1"),
        ('{"id": 1, "command": ""}', "Line 1"),
        ('{"id": 1, "command": 7}', "Line 1"),
        ('{"id": 1, "shell": "fish", "command": "ls"}', "fish"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_judged(itops, text, word) -> None:
    done = itops("check", "--jsonl", "-", stdin=text)
    assert done.code == 2
    assert word in done.err
    assert done.out == ""


def test_words_that_are_off(itops, tmp_path) -> None:
    assert itops("check", "").code == 2
    assert itops("check", "ls", "--shell", "fish").code == 2
    assert itops("check", "--jsonl", str(tmp_path / "nowhere")).code == 2
    (tmp_path / "binary").write_bytes(b'{"command": "\xff"}\n')
    assert itops("check", "--jsonl", str(tmp_path / "binary")).code == 2
    assert itops("check", b"ls \xff\xfe").code in (1, 2)


def test_a_long_and_a_hostile_text_are_never_allowed_unread(itops) -> None:
    deep = "$(" * 300 + "id" + ")" * 300
    for text in (deep, "a" * 200_000 + "; $(x", "\x00ls", "ls\x1b[2J", "cat <<E\n`touch /tmp/x`\nE\n"):
        done = itops("check", "--json", stdin=text)
        assert done.code in (1, 3), text[:40]
