import os
from pathlib import Path

import pytest

from itops.errors import SettingsError
from itops.settings import load_settings


@pytest.fixture
def file(home):
    """The itops.toml of the working directory."""
    return Path("itops.toml")


def test_defaults_stand_where_nothing_is_set(home, monkeypatch):
    settings = load_settings()
    assert (settings.home, settings.agent, settings.llm, settings.host) == (home, "", "", "127.0.0.1")
    monkeypatch.delenv("ITOPS_HOME")
    assert load_settings().home.name == "itops"


def test_flags_go_over_environment_over_file_over_defaults(file, monkeypatch):
    file.write_text("agent = 'file'\nllm = 'openai:file'\nport = 1\n")
    monkeypatch.setenv("ITOPS_AGENT", "environment")
    monkeypatch.setenv("ITOPS_LLM", "openai:environment")
    settings = load_settings(agent="flag")
    assert (settings.agent, settings.llm, settings.port, settings.repair_rounds) == ("flag", "openai:environment", 1, 1)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("port = 'many'\n", "'port'"),
        ("prot = 1\n", "'prot'"),
        ("profile = 'testing'\n", "'profile'"),
        ("port = \n", "itops.toml"),
        ("\x00", "itops.toml"),
    ],
)
def test_a_file_that_is_off_is_named_with_its_setting(file, text, named):
    file.write_text(text)
    with pytest.raises(SettingsError, match=named) as raised:
        load_settings()
    assert raised.value.exit_code == 6
    assert "itops.toml" in raised.value.mend or "the file" in raised.value.mend


def test_an_environment_that_is_off_is_named(home, monkeypatch):
    monkeypatch.setenv("ITOPS_APPROVAL_MINUTES", "soon")
    with pytest.raises(SettingsError, match="approval_minutes") as raised:
        load_settings()
    assert "ITOPS_APPROVAL_MINUTES" in raised.value.mend


def test_a_file_that_is_no_text_is_said(file):
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_said(file):
    file.write_text("port = 1\n")
    file.chmod(0)
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings()


def test_addresses_with_passwords_are_masked_when_shown(home, monkeypatch):
    url = "postgresql://u:hunter2@host/db"
    monkeypatch.setenv("ITOPS_DATABASE_URL", url)
    monkeypatch.setenv("ITOPS_WORKFLOW_DATABASE_URL", url)
    settings = load_settings()
    assert settings.database_url.get_secret_value() == url
    assert "hunter2" not in repr(settings)


def test_a_tilde_is_the_home_of_whoever_runs_it(monkeypatch):
    monkeypatch.setenv("HOME", "/home/alice")
    assert load_settings(home="~/itops").home == Path("/home/alice/itops")
