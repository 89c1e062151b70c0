import pytest

from itops.entrypoints import session
from itops.errors import StoreError


def test_help_names_every_command(call):
    told = call("--help")
    assert told.code == 0
    commands = {"run", "check", "search", "serve", "worker", "doctor"}
    groups = {"tasks", "approvals", "instructions", "agents", "targets", "audit"}
    assert commands | groups <= set(told.out.split())


@pytest.mark.parametrize(
    "words", [["fly"], ["run"], ["run", "x", "--fast"], ["tasks", "show"], ["search", "x", "--top", "0"]]
)
def test_words_that_are_off_exit_2(call, words):
    assert call(*words).code == 2


def test_without_words_it_shows_its_help(call):
    told = call()
    assert "Usage: " in told.out + told.err


def test_an_error_is_said_in_three_sentences_with_its_code(call, monkeypatch):
    def broken(settings):
        raise StoreError("The disk is full.", world="Nothing new ran.", mend="Make room.")

    monkeypatch.setattr(session, "House", broken)
    told = call("targets")
    assert (told.code, told.out) == (6, "")
    assert told.err == "Error: The disk is full.\n  Nothing new ran.\n  Make room.\n"


def test_a_fault_of_ours_is_said_like_any_other_error(call, monkeypatch):
    def faulty(settings):
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(session, "House", faulty)
    told = call("targets")
    assert told.code == 6
    assert "ZeroDivisionError: a fault" in told.err
    assert "Traceback" not in told.err


def test_settings_that_are_off_are_said(call, monkeypatch):
    monkeypatch.setenv("ITOPS_PORT", "many")
    told = call("targets")
    assert told.code == 6
    assert "'port'" in told.err


@pytest.mark.parametrize("words", [["agents"], ["agents", "list"]])
def test_agents_are_listed_with_whether_they_can_be_used(call, words):
    told = call(*words)
    assert told.code == 0
    assert "template" in told.out
    rows = call("agents", "list", "--json").json
    assert {"template", "native"} <= {row["name"] for row in rows}
    assert all(set(row) == {"name", "available", "about"} for row in rows)


@pytest.mark.parametrize("words", [["targets"], ["targets", "list"]])
def test_targets_are_listed(call, words):
    assert "local" in call(*words).out
    (row,) = call("targets", "list", "--json").json
    assert (row["name"], row["platform"], row["executor"]) == ("local", "linux", "system")


def test_search_gives_id_title_and_score_best_first(call, filled):
    rows = call("search", "how much disk space is free", "--top", "3", "--json").json
    assert [set(row) for row in rows] == [{"id", "title", "score"}] * 3
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert rows[0]["id"] in call("search", "how much disk space is free").out


@pytest.mark.parametrize("words", [["search", " "], ["search", "x", "--platform", "beos"]])
def test_a_search_that_is_off_is_told_so(call, words):
    told = call(*words)
    assert (told.code, told.out) == (2, "")
