"""Loading of the policy: the built-in tables and rules, then an organisation's rules, which only tighten."""

import hashlib
import os
import stat
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from itops.errors import PolicyError
from itops.policy.aws_effects import AwsEffects, AwsEntry
from itops.policy.effect_table import EffectTable, ProgramEffects
from itops.policy.rule import Rule
from itops.policy.secret_paths import SecretPaths
from itops.scripts.aws_table import table_bytes


class Policy:
    """Everything that judgement rests on. ``version`` is the hash of all that was loaded."""

    def __init__(self, table: EffectTable, rules: tuple[Rule, ...], protected: tuple[str, ...], version: str) -> None:
        self.table = table
        self.rules = rules
        self.protected = protected
        self.version = version


def load_policy(directory: Path | None = None, *, protected: Iterable[Path] = ()) -> Policy:
    """The built-in policy and, where a directory is given, the organisation's rules (``*.yaml``).

    Args:
        directory: The organisation's rules; they can only ask or deny, so they only tighten.
        protected: Files and directories of itops itself, which no script may change.

    Raises:
        PolicyError: something can't be loaded; names file and rule. Nothing may run.
    """
    digest = hashlib.sha256()
    built_in = resources.files("itops.policy")
    effects = [known for file in _yaml_files(built_in / "effects") for known in _programs(file, _read(file, digest))]
    secrets = _secrets(built_in / "secrets.yaml", digest)
    aws = _aws(built_in / "aws.yaml", digest)
    files = _yaml_files(built_in / "rules")
    if directory is not None:
        files += _organisation_files(directory)
    rules = tuple(rule for file in files for rule in _rules(file, _read(file, digest)))
    _check_ids(rules)
    paths = _protected_paths([*protected, *([directory] if directory else [])])
    digest.update("\0".join(paths).encode())
    return Policy(EffectTable(effects, secrets, aws), rules, paths, digest.hexdigest())


def _protected_paths(protected: Iterable[Path]) -> tuple[str, ...]:
    """The paths as scripts may write them: in full, or from the home directory."""
    paths = [path.absolute() for path in protected]
    home = Path.home()
    below = [path.relative_to(home) for path in paths if path.is_relative_to(home) and path != home]
    return (*map(str, paths), *(f"{mark}/{path}" for path in below for mark in ("~", "$HOME", "${HOME}")))


def _yaml_files(folder: Traversable) -> list[Traversable]:
    files = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    return sorted(files, key=lambda file: file.name)


def _organisation_files(directory: Path) -> list[Traversable]:
    try:
        for path in [directory, *sorted(directory.glob("*.yaml"))]:
            _check_owner(path)
        return [*_yaml_files(directory)]
    except OSError as error:
        raise PolicyError(f"The policy directory {directory} can't be read: {error.strerror}.") from error


def _check_owner(path: Path) -> None:
    """Only the user that itops runs as, or root, may be able to write the organisation's policy."""
    state = path.stat()
    if state.st_uid not in {0, os.geteuid()}:
        raise PolicyError(f"{path} belongs to another user.", mend=f"Run `chown root {path}`.")
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PolicyError(f"Others may write {path}.", mend=f"Run `chmod go-w {path}`.")


def _read(file: Traversable, digest: "hashlib._Hash") -> dict[str, Any]:
    try:
        content = file.read_bytes()
        digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
        document = yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader that also refuses double keys
    except OSError as error:
        raise PolicyError(f"The policy file {file} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyError(f"The policy file {file} is no YAML: {error}.") from error
    if not isinstance(document, dict) or document.get("version") != 1:
        raise PolicyError(f"The policy file {file} does not begin with `version: 1`.")
    return document


class _Loader(yaml.CSafeLoader):
    """A safe loader for which a key that stands twice is an error, not a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the base's signature
        """The mapping, when each key stands once."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key!r} stands twice, {node.start_mark}")
        return super().construct_mapping(node, deep=deep)


def _programs(file: Traversable, document: dict[str, Any]) -> list[ProgramEffects]:
    programs = []
    for place, entry in enumerate(_list(file, document, "programs"), 1):
        name = f"entry {place} ({entry.get('program') if isinstance(entry, dict) else entry})"
        try:
            programs.append(ProgramEffects.model_validate(entry))
        except ValidationError as error:
            raise _refusal(file, name, error) from error
    return programs


def _rules(file: Traversable, document: dict[str, Any]) -> list[Rule]:
    rules = []
    for place, entry in enumerate(_list(file, document, "rules"), 1):
        name = f"rule {entry.get('id', place) if isinstance(entry, dict) else place}"
        try:
            rules.append(Rule.model_validate(entry))
        except ValidationError as error:
            raise _refusal(file, name, error) from error
    return rules


def _secrets(file: Traversable, digest: "hashlib._Hash") -> SecretPaths:
    document = _read(file, digest)
    try:
        secrets = SecretPaths.model_validate({key: value for key, value in document.items() if key != "version"})
    except ValidationError as error:
        raise _refusal(file, "secrets", error) from error
    wrong = [path for path in secrets.match if not secrets.is_secret(path)]
    wrong += [path for path in (*secrets.not_match,) if secrets.is_secret(path)]
    if wrong:
        raise PolicyError(f"{file}: the example {wrong[0]!r} is judged the other way.")
    return secrets


def _aws(file: Traversable, digest: "hashlib._Hash") -> AwsEffects:
    digest.update(table_bytes())
    document = _read(file, digest)
    entries = []
    for place, entry in enumerate(document["operations"], 1):
        try:
            entries.append(AwsEntry.model_validate(entry))
        except ValidationError as error:
            raise _refusal(file, f"entry {place} ({entry.get('operation')})", error) from error
    return AwsEffects(entries, document["worldwide"])


def _list(file: Traversable, document: dict[str, Any], key: str) -> list[Any]:
    extra = set(document) - {"version", key}
    entries = document.get(key)
    if extra or not isinstance(entries, list):
        raise PolicyError(f"The policy file {file} must hold `version` and a list `{key}`, and nothing else.")
    return entries


def _check_ids(rules: tuple[Rule, ...]) -> None:
    names = [rule.id for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise PolicyError(f"The rule {twice} stands in the policy twice.", mend="Give one of them another id.")


def _refusal(file: Traversable, name: str, error: ValidationError) -> PolicyError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return PolicyError(f"{file}, {name}: {place + ': ' if place else ''}{first['msg']}.")
