"""What ssh runs elsewhere."""

import pytest

from itops.domain.script import Facts
from itops.scripts.bash_reader import read_bash


def read(text: str) -> Facts:
    return read_bash(text)


@pytest.mark.parametrize(
    "text",
    [
        "ssh web1 df -h /",
        "ssh web1 'df -h /'",
        "ssh -n -q -p 22 -l ops -o BatchMode=yes -o ConnectTimeout=5 web1 df -h /",
        "ssh ops@web1 df -h /",
        "for h in web1; do ssh \"$h\" 'df -h /'; done",
    ],
)
def test_what_runs_on_a_host_is_read_with_its_host(text: str) -> None:
    facts = read(text)
    assert [(one.argv, one.hosts, one.wrappers) for one in facts.commands] == [(("df", "-h", "/"), ("web1",), ("ssh",))]
    assert facts.problems == ()


def test_hosts_behind_hosts_are_all_named() -> None:
    (command,) = read("ssh gate ssh web1 uptime").commands
    assert (command.argv, command.hosts) == (("uptime",), ("gate", "web1"))


def test_local_files_stay_local() -> None:
    commands = read("ssh web1 cat /etc/hosts > /tmp/hosts").commands
    assert [(one.program, one.hosts, one.writes) for one in commands] == [
        ("", (), ("/tmp/hosts",)),
        ("cat", ("web1",), ()),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "ssh web1",
        "ssh web1 ''",
        "ssh -o ProxyCommand='sh -c id' web1 uptime",
        "ssh -o StrictHostKeyChecking=no web1 uptime",
        "ssh -oBatchMode=yes web1 uptime",
        "ssh -F /tmp/x web1 uptime",
        "ssh -L 80:web2:80 web1 uptime",
        "ssh -A web1 uptime",
        "ssh web1 -L 80:web2:80 uptime",
        "ssh -- web1 uptime",
        "ssh $HOST uptime",
        "ssh web1 cat $FILE",
        "ssh web1 cat /var/log/*.log",
        "ssh -p x web1 uptime",
        "ssh -l",
        "ssh '-oProxyCommand=id' uptime",
        "cat /etc/hosts | ssh web1 cat",
        "ssh web1 cat < /etc/hosts",
        "ssh web1 cat <<< x",
        "echo 'rm -rf /srv' | ssh web1 bash",
        "while read -r line; do ssh web1 uptime; done < /etc/hosts",
    ],
)
def test_an_odd_way_to_a_host_is_a_command_of_its_own(text: str) -> None:
    assert "ssh" in [command.program for command in read(text).commands]
