import shutil
import sqlite3
from collections import namedtuple

import pytest

from itops.testing.openai_server import OpenAiServer


def findings(told) -> dict[str, dict]:
    return {row["what"]: row for row in told.json}


def test_a_home_that_is_set_up_is_well_without_a_model(call, filled):
    told = call("doctor", "--json")
    found = findings(told)
    assert told.code == 0
    assert {what for what, row in found.items() if row["state"] != "ok"} - {"sandbox"} == {"model"}
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


@pytest.fixture
def provider(monkeypatch):
    with OpenAiServer() as server:
        monkeypatch.setenv("ITOPS_LLM", "openai:some-model")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-test")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        yield server


def test_a_model_that_is_set_is_looked_for_with_all_that_stands_around_it(call, filled, provider, monkeypatch):
    monkeypatch.setenv("ITOPS_LLM_FALLBACK", "openai:another-7b")
    monkeypatch.setenv("ITOPS_DAY_BUDGET", "9 calls")
    told = call("doctor", "--json")
    found = findings(told)
    assert "openai:some-model can be reached; the default agent is native" in found["model"]["detail"]
    assert "openai:another-7b can be reached" in found["fall-back"]["detail"]
    assert str(filled / "replies.db") in found["model cache"]["detail"]
    assert "200000 tokens, 100 calls, 1800 seconds" in found["model budget"]["detail"]
    assert "a person's day: 9 calls; today you spent 0 calls" in found["model budget"]["detail"]
    assert "sk-of-this-test" not in told.out
    assert provider.requests == []


@pytest.mark.parametrize(
    ("model", "is_warned"), [("some-model", True), ("qwen2.5-1.5b", True), ("qwen2.5-7b", False), ("gpt-4o", False)]
)
def test_of_a_small_model_it_says_that_the_template_agent_is_better(
    call, filled, provider, monkeypatch, model, is_warned
):
    monkeypatch.setenv("ITOPS_LLM", f"openai:{model}")
    monkeypatch.setenv("ITOPS_LLM_CACHE", "false")
    found = findings(call("doctor", "--json"))
    assert ("ITOPS_AGENT=template" in found["model"]["mend"]) is is_warned
    assert ("below about 3b" in found["model"]["mend"].lower()) is is_warned
    assert (found["fall-back"]["state"], found["model cache"]["state"]) == ("missing", "missing")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1", "can't be reached"),
        ("OPENAI_API_KEY", "", "OPENAI_API_KEY is empty"),
    ],
)
def test_a_model_that_can_not_be_had_is_broken(call, filled, provider, monkeypatch, name, value, says):
    monkeypatch.setenv(name, value)
    told = call("doctor", "--json")
    assert (told.code, findings(told)["model"]["state"]) == (6, "broken")
    assert says in findings(told)["model"]["detail"]


def test_embeddings_and_index_are_named(call, filled):
    found = findings(call("doctor", "--json"))
    assert "built in; 384 numbers a text, space bert-onnx:" in found["embeddings"]["detail"]
    assert f"Chroma in {filled / 'index'}, generation " in found["index"]["detail"]
    library = found["library"]["detail"].partition(" ")[0]
    assert found["index"]["detail"].endswith(f" with {library} published instructions")


@pytest.mark.parametrize(
    ("setting", "value", "what"),
    [("ITOPS_EMBEDDINGS", "file:/no/model.onnx", "embeddings"), ("ITOPS_CHROMA_URL", "http://127.0.0.1:9", "index")],
)
def test_embeddings_or_a_server_that_is_not_there_is_broken(call, filled, monkeypatch, setting, value, what):
    monkeypatch.setenv(setting, value)
    told = call("doctor", "--json")
    found = findings(told)
    assert (told.code, found[what]["state"], found["library"]["state"]) == (6, "broken", "broken")
    assert found[what]["mend"]


@pytest.mark.parametrize(
    ("there", "state", "told", "mend"),
    [
        ((), "missing", "reads ask unless", "Landlock"),
        (("bubblewrap",), "ok", "by bubblewrap", "Landlock"),
        (("Landlock",), "ok", "by Landlock", "bubblewrap"),
        (("bubblewrap", "Landlock"), "ok", "by bubblewrap, and by Landlock where", ""),
    ],
)
def test_it_says_which_sandbox_is_used(call, filled, monkeypatch, there, state, told, mend):
    del filled
    monkeypatch.setattr("itops.bootstrap.House.sandboxes", lambda _: there)
    found = findings(call("doctor", "--json"))["sandbox"]
    assert found["state"] == state
    assert told in found["detail"]
    assert mend in found["mend"]
    assert bool(found["mend"]) is bool(mend)


def test_a_sandbox_that_is_switched_off_is_said(call, filled, monkeypatch):
    del filled
    monkeypatch.setenv("ITOPS_SANDBOX", "off")
    found = findings(call("doctor", "--json"))["sandbox"]
    assert (found["state"], "unconfined" in found["detail"]) == ("missing", True)
