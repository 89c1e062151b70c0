import pytest

from itops.errors import UsageError
from itops.targets.importers.ssh_config import read_ssh

TEXT = """Include more*
Host web-1 web-2
  HostName %h.example.com
  Port = 2222
Host web-? !web-2
  User deploy
  IdentityFile /keys/one
Match exec "true"
  User nobody
Host *
  User other
  ProxyJump bastion,u@b:23
  IdentityFile /keys/two
  Compression yes
"""


def test_hosts_get_the_first_value_of_each_key(tmp_path):
    (tmp_path / "more.conf").write_text("Host bastion\n  HostName 10.0.0.1\n  ProxyJump none\n")
    found = read_ssh(TEXT, "f", tmp_path)
    one, two = found.targets["web-1"], found.targets["web-2"]
    assert (one.host, one.port, one.user, one.key_files) == (
        "web-1.example.com",
        2222,
        "deploy",
        ("/keys/one", "/keys/two"),
    )
    assert (two.user, two.via, found.targets["bastion"].via) == ("other", ("bastion", "u@b:23"), ())
    assert {note.what.split()[0] for note in found.left} == {"Match", "compression"}


@pytest.mark.parametrize("text", ["Host", "Host 'a", "!!"])
def test_a_line_that_is_off_is_named(text, tmp_path):
    with pytest.raises(UsageError, match="f, line 1"):
        read_ssh(text, "f", tmp_path)


def test_files_that_include_each_other_end(tmp_path):
    (tmp_path / "a").write_text("Include a\n")
    with pytest.raises(UsageError, match="include each other"):
        read_ssh("Include a\n", "f", tmp_path)
