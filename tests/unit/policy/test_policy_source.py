import hashlib

import pytest
from pydantic import ValidationError

from itops.errors import PolicyError
from itops.policy.policy_source import (
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


def test_files_come_by_name_and_none_is_passed_over(file):
    folder = file.parent
    (folder / "a.yaml").touch()
    (folder / "README.md").touch()
    assert [path.name for path in organisation_files(folder)] == ["a.yaml", "rules.yaml"]
    assert [path.name for path in yaml_files(folder)] == ["a.yaml", "rules.yaml"]
    (folder / "more.yml").touch()
    with pytest.raises(PolicyError, match=r"more\.yml would not be read") as raised:
        organisation_files(folder)
    assert ".yaml" in raised.value.mend


def test_what_others_may_write_is_not_read(file):
    check_owner(file)
    file.chmod(0o620)
    for reads in (check_owner, lambda path: read_organisation_file(path, hashlib.sha256())):
        with pytest.raises(PolicyError, match="Others may write"):
            reads(file)


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
    assert any(fault.startswith("mach: there is no such key; the nearest: match") for fault in faults)
    with pytest.raises(ValidationError) as invalid:
        Rule.model_validate({**entry, "zzzzzz": 1})
    assert "zzzzzz: there is no such key" in faults_of(Rule, invalid.value)
