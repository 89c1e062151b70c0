"""The same way with PostgreSQL for the journal and for the workflow."""

import shutil

import pytest

pytestmark = pytest.mark.postgres


@pytest.fixture
def servers(postgres_url, monkeypatch) -> str:
    """Both stores in one database of this test's own."""
    monkeypatch.setenv("ITOPS_DATABASE_URL", postgres_url)
    monkeypatch.setenv("ITOPS_WORKFLOW_DATABASE_URL", postgres_url)
    return postgres_url


def test_the_main_sentence_and_an_approval_in_another_process(itops, servers, home, place) -> None:
    shutil.rmtree(home)
    home.mkdir()
    done = itops("run", "Which directories under /var use the most space?", "--json")
    assert (done.code, done.json["state"]) == (0, "succeeded")
    folder = place / "kept"
    waiting = itops("run", f"create the directory {folder}", "--json")
    assert waiting.code == 4
    approved = itops("approvals", "approve", waiting.json["steps"][0]["approval"]["id"], "--json")
    assert (approved.code, approved.json["state"]) == (0, "succeeded")
    assert folder.is_dir()
    assert itops("audit", "verify").code == 0
    assert not (home / "itops.db").exists()
    assert not (home / "workflow.db").exists()


def test_a_database_that_is_not_there(itops, monkeypatch) -> None:
    monkeypatch.setenv("ITOPS_DATABASE_URL", "postgresql+psycopg://itops:hunter22@127.0.0.1:9/none")
    done = itops("run", "show uptime", "--json")
    assert done.code == 6
    assert "Error: " in done.err
    assert "hunter22" not in done.err + done.out


def test_an_address_that_is_none(itops, monkeypatch) -> None:
    monkeypatch.setenv("ITOPS_DATABASE_URL", "mongodb://x")
    assert itops("run", "show uptime", "--json").code == 6
