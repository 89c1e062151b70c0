import os
from pathlib import Path

import pytest

from itops.domain.effect import Effect
from itops.domain.script import Facts
from itops.errors import PolicyError
from itops.policy.effect_table import EffectTable, ProgramEffects
from itops.policy.effects import classify
from itops.policy.example import command_of
from itops.policy.policy_file import Policy, load_policy

RULE = """version: 1
rules:
  - id: org.no-restart
    decision: ask
    reason: restarts are announced first
    when: {program: [systemctl], subcommand: [restart]}
    match: [systemctl restart nginx]
"""


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "policy"
    path.mkdir(mode=0o755)
    return path


def write(directory, text, name="rules.yaml"):
    path = directory / name
    path.write_text(text)
    path.chmod(0o644)
    return path


def test_the_built_in_policy_loads_and_has_one_version():
    assert load_policy().version == load_policy().version
    assert len(load_policy().rules) >= 15


def test_an_organisation_adds_rules_and_the_version_tells(directory):
    write(directory, RULE)
    policy = load_policy(directory)
    assert policy.rules[-1].id == "org.no-restart"
    assert policy.version != load_policy().version
    before = policy.version
    write(directory, RULE.replace("first", "before"))
    assert load_policy(directory).version != before


def test_the_protected_paths_are_part_of_the_version_and_hold_the_policy_itself(directory):
    policy = load_policy(directory, protected=[Path.home() / "x"])
    assert set(policy.protected) == {str(Path.home() / "x"), "~/x", "$HOME/x", "${HOME}/x", str(directory)}
    assert policy.version != load_policy(directory).version


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RULE.replace("match: [systemctl restart nginx]", "match: []"), "rule org.no-restart: match"),
        (RULE.replace("nginx]", "nginx, ls]"), "does not match its example 'ls'"),
        (RULE.replace("{program: [systemctl], subcommand: [restart]}", "{effects: [read]}"), "its example 'systemctl"),
        (RULE.replace("decision: ask", "decision: allow"), "rule org.no-restart: decision"),
        (RULE.replace("reason:", "raeson:"), "org.no-restart: reason"),
        (RULE.replace("version: 1", "version: 2"), "version: 1"),
        (RULE + "extra: 1\n", "nothing else"),
        (RULE.replace("    reason", "    id: other\n    reason"), "'id' stands twice"),
        (RULE.replace("org.no-restart", "wipe.tree"), "rule wipe.tree stands in the policy twice"),
        ("version: 1\nrules: [", "no YAML"),
        ("version: 1\nrules: [x]\n", "rule 1"),
        ("version: 1\nprograms: []\n", "a list `rules`"),
        ("", "version: 1"),
        ("!!python/object/apply:os.system [id]", "no YAML"),
    ],
)
def test_a_file_that_is_off_is_named_and_nothing_may_run(directory, text, fault):
    path = write(directory, text)
    with pytest.raises(PolicyError) as raised:
        load_policy(directory)
    assert fault in raised.value.what
    assert raised.value.world == "Nothing ran."
    assert str(path) in raised.value.what or "twice" in fault or "its example 'systemctl" in fault


def test_bytes_that_are_no_text_are_refused(directory):
    (directory / "rules.yaml").write_bytes(b"\xff\xfe\x00")
    (directory / "rules.yaml").chmod(0o644)
    with pytest.raises(PolicyError, match="no YAML"):
        load_policy(directory)


def test_a_directory_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(PolicyError, match="can't be read"):
        load_policy(tmp_path / "none")


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_is_refused(directory, mode):
    write(directory, RULE).chmod(mode)
    with pytest.raises(PolicyError, match="Others may write") as raised:
        load_policy(directory)
    assert "chmod go-w" in raised.value.mend


def test_a_directory_that_others_may_write_is_refused(directory):
    directory.chmod(0o777)
    with pytest.raises(PolicyError, match="Others may write"):
        load_policy(directory)


def test_a_file_of_another_user_is_refused(directory, monkeypatch):
    write(directory, RULE)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    if directory.stat().st_uid == 0:
        os.chown(directory, 12346, -1)
    with pytest.raises(PolicyError, match="belongs to another user"):
        load_policy(directory)


def test_what_is_known_of_a_command_has_its_file():
    whole = load_policy()
    groups = [
        ProgramEffects.model_validate(
            {"program": [name], "effects": [{"effect": "read", "why": "it reads", "match": [name]}]}
        )
        for name in ("a", "b")
    ]
    table = EffectTable(groups, whole.table.secrets)
    files = tuple(zip(groups, ("effects/a.yaml", "effects/b.yaml"), strict=True))
    policy = Policy(table, (), (), "1", files, whole.sandboxing, whole.harmless)
    judged = classify(Facts(commands=tuple(map(command_of, ("b", "a x", "c", "aws s3 ls")))), table)
    assert [policy.known_from(one) for one in judged.commands] == ["effects/b.yaml", "effects/a.yaml", "", "aws.yaml"]
    assert policy.known_from(command_of("a")) == ""
    stops = classify(Facts(commands=(command_of("systemctl stop x"),)), whole.table).commands[0]
    assert whole.known_from(stops) == "effects/systemd.yaml"


@pytest.mark.parametrize(
    ("text", "local"), [("touch /x", True), ("touch /srv/own/x", False), ("cp /etc/shadow /x", False)]
)
def test_what_changes_local_files_alone(text, local):
    facts = Facts(commands=(command_of(text).model_copy(update={"effect": Effect.CHANGE}),))
    assert load_policy(protected=[Path("/srv/own")]).changes_local_files(facts) is local
