from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from itops.errors import PolicyError
from itops.policy.policy_file import load_policy
from itops.policy.policy_lint import lint, never_speaks
from itops.policy.shadows import shadow_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "policy" / "lint.yaml").read_text())
RULE = {
    "id": "org.r",
    "decision": "ask",
    "reason": "restarts are announced first",
    "when": {"program": ["systemctl"], "subcommand": ["restart"]},
    "match": ["systemctl restart nginx"],
}
POLICY = load_policy()


@pytest.fixture(autouse=True)
def _built_in_once(monkeypatch):
    monkeypatch.setattr("itops.policy.policy_lint.load_policy", lambda: POLICY)


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "policy"
    path.mkdir(mode=0o755)
    return path


def write(directory, content, name="rules.yaml"):
    (directory / name).write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    (directory / name).chmod(0o644)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["name"])
def test_what_is_off_is_told(row, directory):
    write(directory, {"version": 1, "rules": [{**RULE, **changes} for changes in row["rules"]]})
    findings = lint(directory, now=NOW).findings
    assert len(findings) == len(row["faults"]), findings
    for finding, fault in zip(findings, row["faults"], strict=True):
        assert fault in finding.fault
        assert finding.mend
        assert finding.loads is row.get("loads", False)
        assert finding.file.startswith(str(directory))


def test_what_lint_lets_pass_loads_and_what_it_refuses_does_not(directory):
    for row in (CASES[0], CASES[1], CASES[12], CASES[14]):
        write(directory, {"version": 1, "rules": [{**RULE, **changes} for changes in row["rules"]]})
        if all(finding.loads for finding in lint(directory, now=NOW).findings):
            load_policy(directory)
        else:
            with pytest.raises(PolicyError):
                load_policy(directory)


def test_files_that_are_off_do_not_hide_each_other(directory):
    write(directory, "version: 1\nrules: [", "a.yaml")
    write(directory, {"version": 2, "rules": []}, "b.yaml")
    write(directory, {"version": 1, "rules": [RULE]}, "c.yaml")
    (directory / "c.yaml").chmod(0o666)
    (directory / "old").mkdir()
    faults = [finding.fault for finding in lint(directory, now=NOW).findings]
    words = ("no YAML", "version: 1", "Others may write", "folder")
    assert [fault for word, fault in zip(words, faults, strict=True) if word not in fault] == []


@pytest.mark.parametrize(("mode", "name"), [(0o777, ""), (0o755, "rules.yml"), (0o755, "RULES.YAML")])
def test_a_directory_that_is_off_is_one_finding(directory, mode, name):
    if name:
        (directory / name).touch()
    directory.chmod(mode)
    (finding,) = lint(directory, now=NOW).findings
    assert str(directory) in finding.fault
    assert not finding.loads


def test_without_a_directory_the_built_in_rules_are_in_order():
    report = lint(None, now=NOW)
    assert report.findings == ()
    assert report.rules == len(POLICY.rules)


def test_no_built_in_rule_is_idle():
    assert {rule.id: faults for rule in POLICY.rules if (faults := never_speaks(rule, NOW))} == {}
    assert {rule.id: shadow.id for rule in POLICY.rules if (shadow := shadow_of(rule, POLICY.rules))} == {}
