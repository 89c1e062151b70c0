"""The page on ``itops check`` and its examples do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
CALLS = [
    call
    for block in CONSOLE.findall((CHECKOUT / "docs" / "check.md").read_text(encoding="utf-8"))
    for call in CALL.findall(block)
]
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
GUIDE = YAML.findall((CHECKOUT / "docs" / "guides" / "add-a-policy-rule.md").read_text(encoding="utf-8"))
FILES = {
    "deploy.sh": "#!/bin/sh\nsystemctl restart web\n",
    "look.ps1": "Get-Process\n",
    "run.md": "# Runbook\n\n```bash\ndf -h\n```\n\n```python\nrm -rf /\n```\n",
    "notes.txt": "rm -rf /\n",
}
BAD = {"bad.md": "# Runbook\n\n```bash\nsudo rm -rf /etc\n```\n"}


@pytest.fixture
def repository(home, tmp_path, monkeypatch):
    """A sample repository with the examples at their places."""
    folder = tmp_path / "repository"
    (folder / "tools").mkdir(parents=True)
    (folder / "tools" / "check_scripts.py").write_bytes((EXAMPLES / "pre-commit" / "check_scripts.py").read_bytes())
    for name, text in FILES.items():
        (folder / name).write_text(text)
    for name, value in (("NAME", "x"), ("EMAIL", "x@example.com")):
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", value)
    return folder


def bash(text, folder, *words, **env):
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", text, "bash", *words],
        cwd=folder,
        env={**os.environ, "PATH": places, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_page_has_examples() -> None:
    assert len(CALLS) >= 5


@pytest.mark.parametrize(("call", "told"), CALLS)
def test_what_the_page_shows_is_what_is_printed(home, tmp_path, call, told) -> None:
    assert bash(call, tmp_path).stdout == told


def test_the_rules_and_cases_of_the_guide_are_in_order(itops, tmp_path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir(mode=0o755)
    for number, text in enumerate(text for text in GUIDE if "\nrules:" in text):
        (rules / f"{number}.yaml").write_text(text)
        (rules / f"{number}.yaml").chmod(0o644)
    (cases,) = [text for text in GUIDE if "\ncases:" in text]
    (tmp_path / "cases.yaml").write_text(cases)
    assert len(list(rules.iterdir())) == 2
    linted = itops("policy", "lint", str(rules), "--json")
    assert [one["fault"] for one in linted.json["findings"] if "time is over" not in one["fault"]] == []
    done = itops("policy", "test", str(tmp_path / "cases.yaml"), "--policy-dir", str(rules))
    assert (done.code, done.err) == (0, ""), done.out


def hook() -> dict:
    config = yaml.safe_load((EXAMPLES / "pre-commit" / ".pre-commit-config.yaml").read_text())
    return config["repos"][0]["hooks"][0]


def run_hook(repository, *args):
    names = sorted(path.name for path in repository.iterdir() if re.search(hook()["files"], path.name))
    return bash(f'{hook()["entry"]} "$@"', repository, *(args or hook()["args"]), *names)


def test_the_hook_lets_changes_pass_and_stops_what_is_denied(repository) -> None:
    done = run_hook(repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("deploy.sh:1: ask: ")
    assert "look.ps1" not in done.stdout
    assert "run.md" not in done.stdout
    assert run_hook(repository, "--fail-on", "ask").returncode == 1
    for name, text in BAD.items():
        (repository / name).write_text(text)
    done = run_hook(repository)
    assert done.returncode == 1
    assert "bad.md:4: deny: " in done.stdout
    assert "[wipe.tree]" in done.stdout


def test_the_hook_does_not_pass_where_nothing_can_be_judged(repository, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ITOPS_POLICY_DIR", str(tmp_path / "nowhere"))
    assert run_hook(repository).returncode == 6


def test_the_action_checks_what_a_pull_request_changes(repository) -> None:
    job = yaml.safe_load((EXAMPLES / "github-action" / "check-scripts.yml").read_text())["jobs"]["check"]
    (step,) = [step for step in job["steps"] if "BASE" in step.get("env", {})]
    assert bash("git init -q . && git add . && git commit -qm one && git tag base", repository).returncode == 0
    (repository / "more file.sh").write_text("#!/bin/sh\nuptime\nmkdir /srv/x\n")
    assert bash("git add . && git commit -qm two", repository).returncode == 0
    done = bash(step["run"], repository, BASE="base")
    assert done.returncode == 0
    assert done.stdout.startswith("more file.sh:1: ask: ")
    assert "deploy.sh" not in done.stdout
    for name, text in BAD.items():
        (repository / name).write_text(text)
    assert bash("git add . && git commit -qm three", repository).returncode == 0
    assert bash(step["run"], repository, BASE="base").returncode != 0
