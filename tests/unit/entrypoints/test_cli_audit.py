import json
import sqlite3

import pytest

from itops.bootstrap import House
from itops.domain.event import TaskEnded
from itops.domain.task import TaskState
from itops.entrypoints.session import in_session


@pytest.fixture
def records(home) -> None:
    """Three events of two tasks."""

    async def write(house: House) -> None:
        for task, key in (("t1", "a"), ("t1", "b"), ("t2", "a")):
            await house.journal.append(TaskEnded(task=task, key=key, state=TaskState.SUCCEEDED))

    in_session(write)


def test_the_newest_records_are_shown_in_order(call, records):
    rows = call("audit", "show", "--limit", "2", "--json").json
    assert [(row["seq"], row["event"]["task"]) for row in rows] == [(2, "t1"), (3, "t2")]
    assert [row["seq"] for row in call("audit", "show", "--task", "t1", "--json").json] == [1, 2]
    assert "task.ended" in call("audit").out


def test_a_whole_chain_verifies(call, records):
    assert call("audit", "verify").out == "The journal is whole: 3 records checked.\n"
    told = call("audit", "verify", "--json")
    assert (told.code, told.json["ok"], told.json["checked"]) == (0, True, 3)


def test_the_first_broken_link_is_named(call, records, home):
    with sqlite3.connect(home / "itops.db") as database:
        database.execute("""UPDATE events SET body = replace(body, 'succeeded', 'cancelled') WHERE seq = 2""")
    told = call("audit", "verify", "--json")
    assert (told.code, told.json["ok"], told.json["broken_at"]) == (1, False, 2)
    assert "broken at record 2" in call("audit", "verify").out


def test_every_record_is_exported_one_a_line(call, records):
    lines = [json.loads(line) for line in call("audit", "export").out.splitlines()]
    assert len([line for line in lines if "seq" in line]) == 3


def test_an_empty_journal_is_whole(call):
    assert call("audit", "verify", "--json").json["checked"] == 0
    assert "There are none." in call("audit").out
