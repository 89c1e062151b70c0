import sys

import pytest

from itops.errors import UsageError
from itops.targets.importers.sources import read_command, read_file


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        ("hosts", "ansible", "a\n"),
        ("hosts.yml", "ansible", "all: {hosts: {a: }}"),
        ("hosts.json", "ansible", '{"g": ["a"]}'),
        ("config", "ssh", "Host a\n"),
        ("config", "aws", "[profile a]\n"),
        ("x.csv", "csv", "name\na\n"),
    ],
)
def test_each_format_has_its_reader(tmp_path, name, form, text):
    (tmp_path / name).write_text(text)
    assert list(read_file(tmp_path / name, form).targets) == ["a"]


@pytest.mark.parametrize("content", [b"\xff", b"$ANSIBLE_VAULT;1.1;AES256\n62"])
def test_what_can_not_be_read_is_refused(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    for path in (tmp_path / "x", tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="Nothing was imported"):
            read_file(path, "ansible")


def test_what_a_command_prints():
    assert list(read_command(f"{sys.executable} -c 'print({{}})'").targets) == []


@pytest.mark.parametrize("command", ["", "'", "/no/such", "false", "echo x"])
def test_a_command_that_prints_none_is_refused(command):
    with pytest.raises(UsageError, match="Nothing was imported"):
        read_command(command)
