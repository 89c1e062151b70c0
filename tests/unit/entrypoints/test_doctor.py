import shutil
import sqlite3
from collections import namedtuple

import pytest


def findings(told) -> dict[str, dict]:
    return {row["what"]: row for row in told.json}


def test_a_home_that_is_set_up_is_well_without_a_model(call, filled):
    told = call("doctor", "--json")
    found = findings(told)
    assert told.code == 0
    assert {what for what, row in found.items() if row["state"] != "ok"} == {"model"}
    assert "ITOPS_LLM" in found["model"]["mend"]
    assert str(filled) in found["state"]["detail"]
    people = call("doctor")
    assert people.code == 0
    assert "missing  model" in people.out


def test_a_journal_that_was_edited_is_broken(call, filled):
    with sqlite3.connect(filled / "itops.db") as database:
        database.execute("UPDATE events SET task = 'other' WHERE seq = 1")
    told = call("doctor", "--json")
    assert (told.code, findings(told)["journal"]["state"]) == (6, "broken")
    assert "BROKEN   journal" in call("doctor").out


def test_a_database_that_is_none_is_said_by_every_look_that_needs_it(call, home):
    (home / "itops.db").write_bytes(b"no database " * 500)
    told = call("doctor", "--json")
    found = findings(told)
    assert told.code == 6
    assert found["state"]["state"] == "broken"
    assert found["policy"]["state"] == "ok"
    assert all(row["mend"] for row in found.values() if row["state"] == "broken")


def test_a_policy_that_does_not_load_is_broken(call, filled, tmp_path, monkeypatch):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "mine.yaml").write_text("rules: [")
    monkeypatch.setenv("ITOPS_POLICY_DIR", str(tmp_path / "policy"))
    told = call("doctor", "--json")
    assert (told.code, findings(told)["policy"]["state"]) == (6, "broken")


@pytest.mark.parametrize(("megabytes", "state"), [(49, "broken"), (51, "ok")])
def test_a_disk_that_is_nearly_full_is_said(call, filled, monkeypatch, megabytes, state):
    usage = namedtuple("usage", "free")  # noqa: PYI024 - stands for shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(megabytes * 2**20))
    assert findings(call("doctor", "--json"))["state"]["state"] == state


def test_without_bash_nothing_can_run(call, filled, monkeypatch):
    monkeypatch.setattr("itops.entrypoints.doctor.shutil.which", lambda name: None)
    assert findings(call("doctor", "--json"))["shells"]["state"] == "broken"


def test_a_model_that_is_set_is_named(call, filled, monkeypatch):
    monkeypatch.setenv("ITOPS_LLM", "openai:some-model")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-test")
    told = call("doctor", "--json")
    assert "openai:some-model; the default agent is native" in findings(told)["model"]["detail"]
    assert "sk-of-this-test" not in told.out
