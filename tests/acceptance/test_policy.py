"""``itops policy``: the rules in order, tried on cases, and explained."""

RULES = """version: 1
rules:
  - id: org.freeze
    decision: deny
    reason: nothing is changed over the holidays
    instead: Wait until the freeze is over.
    when: {effects: [change, unknown, destroy]}
    during: [{zone: Europe/Berlin, first_day: 2026-12-20, last_day: 2027-01-03}]
    match: [mkdir x]
    not_match: [uptime]
"""
CASES = """version: 1
cases:
  - {command: mkdir x, at: 2026-12-24T12:00:00Z, verdict: deny, rule: org.freeze}
  - {command: mkdir x, at: 2026-11-24T12:00:00Z, verdict: ask}
  - {command: uptime, at: 2026-12-24T12:00:00Z, verdict: allow}
  - {command: rm -rf /etc, verdict: deny, rule: wipe.tree, effect: destroy}
  - {command: Get-Process, shell: powershell, verdict: allow}
"""


def folder(tmp_path, text=RULES):
    made = tmp_path / "rules"
    made.mkdir(mode=0o755)
    (made / "org.yaml").write_text(text)
    (made / "org.yaml").chmod(0o644)
    return made


def test_rules_are_tried_on_cases_before_they_are_in_force(itops, tmp_path) -> None:
    rules = folder(tmp_path)
    (tmp_path / "cases.yaml").write_text(CASES)
    assert itops("policy", "lint", str(rules)).code == 0
    done = itops("policy", "test", str(tmp_path / "cases.yaml"), "--policy-dir", str(rules))
    assert (done.code, done.err) == (0, "")
    without = itops("policy", "test", str(tmp_path / "cases.yaml"), "--json")
    assert (without.code, [one["case"] for one in without.json["differences"]]) == (1, [1, 1])


def test_a_policy_that_is_off_is_named_and_nothing_is_judged(itops, tmp_path) -> None:
    env = {"ITOPS_POLICY_DIR": str(folder(tmp_path, RULES.replace("decision: deny", "decision: allow")))}
    done = itops("policy", "lint", env=env)
    assert done.code == 6
    assert "rule org.freeze" in done.out
    assert "can't allow" in done.out
    for words in (("check", "uptime"), ("policy", "explain", "uptime"), ("run", "show uptime", "--json")):
        assert itops(*words, env=env).code == 6, words


def test_a_command_is_explained_and_not_run(itops, tmp_path) -> None:
    done = itops("policy", "explain", f"touch {tmp_path}/never; $'\\x72\\x6d' -rf /srv/x")
    assert (done.code, done.err) == (0, "")
    assert not (tmp_path / "never").exists()
    assert "$'\\x72\\x6d' → rm" in done.out
    found = itops("policy", "explain", "sudo systemctl restart nginx", "--json").json
    assert found["commands"][0]["wrappers"] == ["sudo"]
    assert found["policy_version"] == itops("policy", "lint", "--json").json["version"]
