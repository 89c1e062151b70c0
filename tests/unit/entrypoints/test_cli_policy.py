from pathlib import Path

import pytest

RULES = """version: 1
rules:
  - id: org.restarts
    decision: deny
    reason: the database is restarted by its owners
    instead: Ask the owners of the database.
    when: {program: [systemctl], subcommand: [restart], args_any: ["^postgresql"]}
    environments: [production]
    without_role: dba
    match: [systemctl restart postgresql]
"""
CASES = """version: 1
cases:
  - {command: uptime, verdict: allow}
  - command: systemctl restart postgresql
    targets: [{name: db1, environment: production}]
    verdict: deny
    rule: org.restarts
  - command: systemctl restart postgresql
    targets: [{name: db1, environment: production}]
    person: {id: dora, roles: [dba]}
    verdict: ask
"""


@pytest.fixture
def rules(home: Path) -> Path:
    """The organisation's rules, at their place under home."""
    home.mkdir(mode=0o700, exist_ok=True)
    folder = home / "policy"
    folder.mkdir(mode=0o755)
    (folder / "rules.yaml").write_text(RULES)
    (folder / "rules.yaml").chmod(0o644)
    return folder


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.yaml"
    file.write_text(CASES)
    return file


def test_a_policy_in_order(call, rules):
    told = call("policy", "lint")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("The policy is in order: ")
    report = call("policy", "lint", "--json").json
    assert (report["ok"], report["findings"]) == (True, [])
    assert report["version"] in told.out
    assert call("policy").out == told.out
    assert call("policy", "lint", str(rules)).code == 0


def test_what_is_off_is_told_with_file_rule_and_mend(call, rules, tmp_path):
    (rules / "more.yaml").write_text(RULES.replace("org.restarts", "org.more").replace("reason:", "raeson:"))
    (rules / "more.yaml").chmod(0o644)
    told = call("policy", "lint")
    assert told.code == 6
    assert "more.yaml, rule org.more: raeson: there is no such key; the nearest: reason." in told.out
    assert "add-a-policy-rule.md" in told.out
    report = call("policy", "lint", str(rules), "--json")
    assert (report.code, report.json["ok"], report.json["version"]) == (6, False, "")
    assert {finding["rule"] for finding in report.json["findings"]} == {"org.more"}
    assert call("check", "uptime").code == 6
    assert call("policy", "lint", str(tmp_path / "nowhere")).code == 2


def test_cases_are_judged_in_their_circumstances(call, rules, cases, tmp_path):
    told = call("policy", "test", str(cases))
    assert (told.code, told.out.strip()) == (0, "3 cases, 0 of them judged otherwise.")
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o755)
    told = call("policy", "test", str(cases), "--policy-dir", str(empty))
    assert told.code == 1
    assert "case 2, systemctl restart postgresql: deny is expected, ask is said by effect-change" in told.out
    report = call("policy", "test", str(cases), "--policy-dir", str(empty), "--json")
    assert (report.code, report.json["ok"], report.json["cases"]) == (1, False, 3)
    assert [one["case"] for one in report.json["differences"]] == [2, 2]


@pytest.mark.parametrize("text", ["", "version: 1\ncases: [{command: ls}]", "version: 1\nrules: []", "\x00"])
def test_a_file_of_cases_that_is_off_is_words_that_are_off(call, home, tmp_path, text):
    (tmp_path / "cases.yaml").write_text(text)
    told = call("policy", "test", str(tmp_path / "cases.yaml"))
    assert told.code == 2
    assert "cases.yaml" in told.err
    assert call("policy", "test", str(tmp_path / "none.yaml")).code == 2


def test_a_text_is_explained(call, home):
    told = call("policy", "explain", r"sudo systemctl stop nginx; $'\x72\x6d' -rf /etc")
    assert told.code == 0
    for words in ("deny (effect: destroy)", "[wipe.tree]", "runs under: sudo", "start it again", r"$'\x72\x6d' → rm"):
        assert words in told.out
    found = call("policy", "explain", "rsync -a /a /b", "--json").json
    assert found["decision"] == "ask"
    assert found["commands"][0]["dry_run"] == "rsync --dry-run -a /a /b"
    assert found["decoded"] == []
    assert call("policy", "explain", "--shell", "aws", "aws s3 ls").out.startswith("allow")
    assert call("policy", "explain", stdin="uptime\n").out.startswith("allow")


@pytest.mark.parametrize("words", [["ls", "--shell", "fish"], [" "]])
def test_there_must_be_something_to_explain(call, home, words):
    assert call("policy", "explain", *words).code == 2
