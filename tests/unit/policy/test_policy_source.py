import hashlib
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from itops.errors import PolicyError
from itops.policy.policy_case import PolicyCase
from itops.policy.policy_source import (
    all_made,
    check_owner,
    entries_of,
    faults_of,
    made,
    organisation_files,
    read,
    read_organisation_file,
    yaml_files,
)
from itops.policy.rule import Rule


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("version: 1\nrules: [1, 2]\n")
    path.chmod(0o644)
    return path


def test_a_file_is_read_and_its_bytes_are_counted(file):
    digest = hashlib.sha256()
    document = read(file, digest)
    assert entries_of(file, document, "rules") == [1, 2]
    assert digest.hexdigest() != hashlib.sha256().hexdigest()
    with pytest.raises(PolicyError, match="a list `cases`"):
        entries_of(file, document, "cases")


def test_an_entry_that_is_off_is_named_by_its_place(file):
    file.write_text("version: 1\ncases: [{command: ls, verdict: allow}, {command: ls}]\n")
    document = read(file, hashlib.sha256())
    with pytest.raises(PolicyError, match="entry 2: verdict"):
        all_made(PolicyCase, file, document, "cases")
    document["cases"].pop()
    assert [case.command for case in all_made(PolicyCase, file, document, "cases")] == ["ls"]


def test_files_come_by_name_and_none_is_passed_over(file):
    folder = file.parent
    (folder / "a.yaml").touch()
    (folder / "README.md").touch()
    assert [path.name for path in organisation_files(folder)] == ["a.yaml", "rules.yaml"]
    assert [path.name for path in yaml_files(folder)] == ["a.yaml", "rules.yaml"]
    for name in ("more.yml", "MORE.YAML"):
        (folder / name).touch()
        with pytest.raises(PolicyError, match=f"{name} would not be read") as raised:
            organisation_files(folder)
        assert ".yaml" in raised.value.mend
        (folder / name).unlink()


def test_what_others_may_write_is_not_read(file):
    check_owner(file)
    file.chmod(0o620)
    for reads in (check_owner, lambda path: read_organisation_file(path, hashlib.sha256())):
        with pytest.raises(PolicyError, match="Others may write"):
            reads(file)


def test_what_belongs_to_root_is_read_by_anyone(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    check_owner(Path("/etc/passwd"))


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(PolicyError, match="can't be read"):
        read_organisation_file(tmp_path / "none.yaml", hashlib.sha256())
    with pytest.raises(PolicyError, match="can't be read"):
        organisation_files(tmp_path / "none")
    (tmp_path / "x.yaml").mkdir()
    with pytest.raises(PolicyError, match="can't be read"):
        read_organisation_file(tmp_path / "x.yaml", hashlib.sha256())


def test_a_fault_names_its_place_and_the_nearest_key(file):
    entry = {"id": "r", "decision": "ask", "reason": "why", "when": {"progam": ["rm"]}, "mach": ["rm x"]}
    with pytest.raises(PolicyError, match=r"rules\.yaml, rule r: ") as raised:
        made(Rule, entry, file, "rule r")
    with pytest.raises(ValidationError) as invalid:
        Rule.model_validate(entry)
    faults = faults_of(Rule, invalid.value)
    assert faults[0] in raised.value.what
    assert any(fault.startswith("when.progam: there is no such key; the nearest: program") for fault in faults)
    assert "raeson: there is no such key; the nearest: reason" in faults_of(Rule, refused({"raeson": "x"}))
    nearest = "targets_min, targets, args_any"
    assert f"targets_mn: there is no such key; the nearest: {nearest}" in faults_of(Rule, refused({"targets_mn": 1}))
    window = {"zone": "UTC", "first_dy": "2026-01-01"}
    assert "during.0.first_dy: there is no such key; the nearest: first_day, first, last_day" in faults_of(
        Rule, refused({"during": [window]})
    )
    assert any(fault.startswith("mach: there is no such key; the nearest: match") for fault in faults)
    assert "zzzzzz: there is no such key" in faults_of(Rule, refused({"zzzzzz": 1}))


def test_a_fault_of_all_of_an_entry_has_no_place():
    denies = {"id": "r", "decision": "deny", "reason": "why", "when": {"program": ["rm"]}, "match": ["rm x"]}
    assert faults_of(Rule, refused(denies)) == ["rule r denies and does not say what to do instead"]


def refused(entry):
    with pytest.raises(ValidationError) as invalid:
        Rule.model_validate(entry)
    return invalid.value
