"""The version tells every byte of what was loaded; and what can't be loaded is named to the file and the entry."""

import os
from importlib import resources
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import PolicyError
from itops.policy import policy_file
from itops.policy.policy_file import load_policy

RULE = """version: 1
rules:
  - {id: org.df, decision: ask, reason: because, when: {program: [df]}, match: [df]}
"""
ENTRY = {"program": ["frob"], "effects": [{"effect": "read", "why": "it reads", "match": ["frob"]}]}


def write(directory, text, name="rules.yaml"):
    directory.mkdir(mode=0o755, exist_ok=True)
    path = directory / name
    path.write_text(text)
    path.chmod(0o644)
    return path


@pytest.fixture
def built_in(tmp_path, monkeypatch):
    """A small copy of what is built in, to be spoilt."""
    source = resources.files("itops.policy")
    folder = tmp_path / "policy"
    for name in ("effects", "rules"):
        (folder / name).mkdir(parents=True)
    for name in ("secrets.yaml", "aws.yaml", "sandbox.yaml", "dry_runs.yaml", "previews.yaml"):
        (folder / name).write_bytes((source / name).read_bytes())
    (folder / "effects" / "a.yaml").write_text(yaml.safe_dump({"version": 1, "programs": [ENTRY]}))
    files = resources.files
    monkeypatch.setattr(
        policy_file.resources, "files", lambda package: folder if package == "itops.policy" else files(package)
    )
    return folder


def version_or_fault():
    try:
        return load_policy().version
    except PolicyError as error:
        return error.what


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_byte_is_another_version_or_no_policy(built_in, place, byte):
    file = built_in / "effects" / "a.yaml"
    whole = file.read_bytes()
    before = load_policy().version
    changed = whole[: place % len(whole)] + bytes([byte]) + whole[place % len(whole) + 1 :]
    file.write_bytes(changed)
    found = version_or_fault()
    file.write_bytes(whole)
    assert str(file) in found or (found == before) is (changed == whole)


def test_comments_and_names_of_files_count_and_times_and_other_files_do_not(tmp_path):
    file = write(tmp_path / "p", RULE)
    version = load_policy(tmp_path / "p").version
    os.utime(file, (1, 1))
    write(tmp_path / "p", "no policy", name="README.md")
    assert load_policy(tmp_path / "p").version == version
    write(tmp_path / "p", RULE + "# why\n")
    assert load_policy(tmp_path / "p").version != version
    write(tmp_path / "p", RULE)
    assert load_policy(tmp_path / "p").version == version
    file.rename(tmp_path / "p" / "other.yaml")
    assert load_policy(tmp_path / "p").version != version


def test_what_moves_from_one_file_to_the_next_is_another_version(tmp_path):
    second = RULE.replace("org.df", "org.df2")
    write(tmp_path / "p", RULE, name="a.yaml")
    write(tmp_path / "p", second, name="b.yaml")
    version = load_policy(tmp_path / "p").version
    write(tmp_path / "p", second, name="a.yaml")
    write(tmp_path / "p", RULE, name="b.yaml")
    assert load_policy(tmp_path / "p").version != version


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"match": ["frob", "ls"]}, "the example 'ls' does not match"),
        ({"match": []}, "effects.0.match"),
        ({"not_match": ["frob -x"]}, "must not"),
        ({"effect": "harmless"}, "effects.0.effect"),
        ({"when": {"args_any": ["("]}}, "no regular expression"),
        ({"weather": "fine"}, "effects.0.weather"),
    ],
)
def test_an_entry_of_effects_that_is_off_is_named(built_in, changes, fault):
    entry = {**ENTRY, "effects": [{**ENTRY["effects"][0], **changes}]}
    file = built_in / "effects" / "a.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "programs": [ENTRY, entry]}))
    with pytest.raises(PolicyError) as raised:
        load_policy()
    assert f"{file}, entry 2 (['frob'])" in raised.value.what
    assert fault in raised.value.what


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("match", ["/etc/passwd"], "'/etc/passwd' is judged the other way"),
        ("not_match", ["/etc/shadow"], "'/etc/shadow' is judged the other way"),
        ("paths", ["("], "secrets: paths.0"),
        ("samples", [], "secrets: samples"),
        ("colour", "red", "secrets: colour"),
    ],
)
def test_a_list_of_secrets_that_is_off_is_named(built_in, key, value, fault):
    file = built_in / "secrets.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), key: value}))
    with pytest.raises(PolicyError) as raised:
        load_policy()
    assert str(file) in raised.value.what
    assert fault in raised.value.what


def test_a_directory_that_its_group_may_write_is_refused(tmp_path):
    write(tmp_path / "p", RULE)
    (tmp_path / "p").chmod(0o775)
    with pytest.raises(PolicyError, match="Others may write") as raised:
        load_policy(tmp_path / "p")
    assert str(tmp_path / "p") in raised.value.what


def test_a_link_is_as_good_as_what_it_points_to(tmp_path):
    real = write(tmp_path / "real", RULE)
    (tmp_path / "p").mkdir(mode=0o755)
    (tmp_path / "p" / "rules.yaml").symlink_to(real)
    assert load_policy(tmp_path / "p").rules[-1].id == "org.df"
    real.chmod(0o666)
    with pytest.raises(PolicyError, match="Others may write"):
        load_policy(tmp_path / "p")
    real.unlink()
    with pytest.raises(PolicyError, match="can't be read"):
        load_policy(tmp_path / "p")


def test_a_file_that_can_not_be_read_stops_everything(tmp_path, monkeypatch):
    file = write(tmp_path / "p", RULE)
    read_bytes = Path.read_bytes

    def refuse(path):
        if path == file:
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PolicyError, match="can't be read: Permission denied") as raised:
        load_policy(tmp_path / "p")
    assert str(file) in raised.value.what


def test_a_folder_in_place_of_a_file_is_named(tmp_path):
    (tmp_path / "p").mkdir(mode=0o755)
    (tmp_path / "p" / "rules.yaml").mkdir(mode=0o755)
    with pytest.raises(PolicyError, match=r"rules\.yaml can't be read"):
        load_policy(tmp_path / "p")
