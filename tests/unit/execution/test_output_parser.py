import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.execution.output_parser import Table, parse

DF = """Filesystem     1K-blocks    Used Available Use% Mounted on
/dev/vda       263112772 2456720 247223092  10% /
tmpfs            1024000       0   1024000   0% /run/a b
"""
PS = """  PID USER     %CPU COMMAND
    1 root      0.0 /sbin/init splash
   22 www-data 11.5 nginx: worker process
"""
PODS = """NAME          READY   STATUS    RESTARTS      AGE
web-1         1/1     Running   0             3d
web-2-long    0/1     Error     4 (2m ago)    3d
"""


def test_json_document_and_json_lines() -> None:
    assert parse('{"a": [1, 2]}\n') == {"a": [1, 2]}
    assert parse('{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    assert parse('{"a": 1') is None
    assert parse("[sudo] password for ann: ") is None


def test_settings() -> None:
    assert parse('NAME="Debian"\nVERSION_ID="12"\n') == {"NAME": "Debian", "VERSION_ID": "12"}
    assert parse("NAME=x\nand then something\n") is None


def test_columns_of_words_with_a_long_last_one() -> None:
    found = parse(DF)
    assert isinstance(found, Table)
    assert found.columns == ("Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on")
    assert found.rows[1] == ("tmpfs", "1024000", "0", "1024000", "0%", "/run/a b")
    processes = parse(PS)
    assert isinstance(processes, Table)
    assert processes.rows[1] == ("22", "www-data", "11.5", "nginx: worker process")


def test_columns_by_their_place() -> None:
    found = parse(PODS)
    assert isinstance(found, Table)
    assert found.columns == ("NAME", "READY", "STATUS", "RESTARTS", "AGE")
    assert found.rows[1] == ("web-2-long", "0/1", "Error", "4 (2m ago)", "3d")


def test_separated_values() -> None:
    table = Table(columns=("name", "size"), rows=(("a,b", "1"), ("c", "2")))
    assert parse('name,size\n"a,b",1\nc,2\n') == table
    assert parse("name\tsize\na,b\t1\nc\t2\n") == table
    assert parse("name,size\na,b,c\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "done\n",
        "Hello there,\nyou\n",
        "The service restarted.\nEverything is fine.\n",
        "Reading package lists...\nBuilding dependency tree...\n0 upgraded, 0 newly installed.\n",
        "4.0K\t/var/mail\n1.2G\t/var/lib\n",
        "total 8\ndrwxr-xr-x 2 root root 4096 Nov  1 10:00 a\n",
        "Nov 22 10:00:01 host sshd[12]: one\nNov 22 10:00:02 host sshd[12]: two\n",
        "a\N{REPLACEMENT CHARACTER}\tb\n1\t2\n",
    ],
)
def test_what_is_no_data_is_left_alone(text: str) -> None:
    assert parse(text) is None


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    found = parse(text)
    assert found is None or isinstance(found, Table | dict | list)


@given(st.dictionaries(st.text(), st.integers(), min_size=1))
def test_json_comes_back(value: dict[str, int]) -> None:
    assert parse(json.dumps(value)) == value
