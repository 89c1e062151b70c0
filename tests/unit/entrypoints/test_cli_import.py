from pathlib import Path

import pytest

from itops.entrypoints import session

RUNBOOK = """---
title: Web server
owner: ops
---
# Web server

## Restart nginx

```console
$ sudo systemctl restart <service>
```

## See who is on

```bash
who
```
"""


@pytest.fixture
def runbooks(tmp_path: Path) -> Path:
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "web.md").write_text(RUNBOOK)
    (folder / "secret.md").write_text("# Database\n\npassword: hunter22x\n")
    return folder


def ids(call) -> dict[str, str]:
    rows = call("instructions", "list", "--json").json
    return {row["id"]: row["state"] for row in rows if row["id"].startswith("acme.")}


def take(call, folder: Path, *words: str):
    return call("instructions", "import", "--format", "markdown", str(folder), "--prefix", "acme", *words)


def test_a_dry_run_shows_what_would_change_and_changes_nothing(call, filled, runbooks):
    shown = take(call, runbooks, "--dry-run")
    assert shown.code == 1
    assert "added: acme.web.restart-nginx (change): Web server › Restart nginx" in shown.out  # noqa: RUF001 - a title path
    assert "changed: `<service>` became the parameter service (service)" in shown.out
    assert "left: `owner` of the front matter was not taken" in shown.out
    assert "left out: secret.md, line 3: a secret stands here (password)" in shown.out
    assert "hunter22x" not in shown.out + shown.err
    assert ids(call) == {}


def test_a_folder_comes_in_as_drafts_once(call, filled, runbooks):
    (runbooks / "secret.md").unlink()
    told = take(call, runbooks, "--json").json
    assert (told["added"], told["edited"], told["problems"]) == (2, 0, [])
    assert {one["id"]: one["effect"] for one in told["instructions"]} == {
        "acme.web.restart-nginx": "change",
        "acme.web.see-who-is-on": "read",
    }
    assert ids(call) == {"acme.web.restart-nginx": "draft", "acme.web.see-who-is-on": "draft"}
    assert take(call, runbooks, "--json").json["unchanged"] == 2
    assert take(call, runbooks, "--publish").code == 0
    assert set(ids(call).values()) == {"published"}


def test_an_unknown_format_names_those_there_are(call, filled, runbooks):
    told = call("instructions", "import", "--format", "wordstar", str(runbooks))
    assert told.code == 2
    assert "wordstar" in told.err


def test_an_export_is_read_back_unchanged(call, filled, tmp_path):
    folder = tmp_path / "library"
    told = call("instructions", "export", str(folder), "--json").json
    assert told["written"] == len(call("instructions", "list", "--json").json)
    synced = call("instructions", "sync", str(folder), "--json").json
    assert (synced["added"], synced["edited"], synced["unchanged"]) == (0, 0, told["written"])
    assert call("instructions", "export", str(folder), "--json").json["unchanged"] == told["written"]


def test_an_export_leaves_what_is_not_its_own(call, filled, tmp_path):
    identity = call("instructions", "list", "--json").json[0]["id"]
    (tmp_path / f"{identity}.md").write_text("mine")
    told = call("instructions", "export", str(tmp_path))
    assert told.code == 1
    assert "--force replaces it" in told.out
    assert (tmp_path / f"{identity}.md").read_text() == "mine"
    assert call("instructions", "export", str(tmp_path), "--force").code == 0


def test_an_export_leaves_out_what_is_deprecated(call, filled, tmp_path):
    identity = call("instructions", "list", "--json").json[0]["id"]

    async def deprecate(house):
        await house.library.deprecate(identity, by=session.local_person())

    session.in_session(deprecate)
    assert call("instructions", "export", str(tmp_path)).code == 0
    assert not (tmp_path / f"{identity}.md").exists()
    assert len(list(tmp_path.glob("*.md"))) > 40
