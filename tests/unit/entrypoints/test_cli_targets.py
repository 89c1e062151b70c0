import pytest
from typer.testing import CliRunner

from itops.entrypoints.cli_targets import group
from itops.errors import ItOpsError


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.setenv("ITOPS_HOME", str(tmp_path / "home"))
    return lambda *words: CliRunner().invoke(group, words)


def test_a_target_is_added_shown_and_removed(call):
    assert "deploy@h:2222" in call("add", "web-1", "--host", "h", "--port", "2222", "--user", "deploy").output
    assert "connection: host h, port 2222, user deploy" in call("show", "web-1").output
    assert "web-1" in call("list").output
    assert call("remove", "web-1").exit_code == 0
    assert "web-1" not in call().output


@pytest.mark.parametrize(
    "words",
    [
        ("add", "a b"),
        ("add", "all"),
        ("add", "x", "--port", "99999"),
        ("import",),
        ("import", "x", "--command", "y"),
        ("import", "x", "--format", "toml"),
        ("show", "nope"),
    ],
)
def test_what_is_off_is_refused(call, words):
    result = call(*words)
    assert isinstance(result.exception, ItOpsError)


def test_an_import_tells_what_it_would_do(call, tmp_path):
    (tmp_path / "x.csv").write_text("name,owner\na,me\n")
    told = call("import", str(tmp_path / "x.csv"), "--format", "csv", "--dry-run").output
    assert "Would take 1 targets and 0 groups." in told
    assert "left: the column owner: it is no key of targets" in told
