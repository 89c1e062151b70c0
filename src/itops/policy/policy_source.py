"""Files of the policy: which there are, whose they are, and what stands in them."""

import difflib
import hashlib
import os
import stat
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from itops.domain.noun import Noun
from itops.errors import PolicyError

Made = TypeVar("Made", bound=Noun)


def yaml_files(folder: Traversable) -> list[Traversable]:
    """The policy files of a folder, by name."""
    files = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    return sorted(files, key=lambda file: file.name)


def organisation_files(directory: Path) -> list[Path]:
    """The policy files of an organisation's directory, by name; none other may write them, and none is passed over.

    Raises:
        PolicyError: the directory can't be read, or is not to be relied on.
    """
    try:
        check_owner(directory)
        files = sorted(directory.iterdir())
    except OSError as error:
        raise PolicyError(f"The policy directory {directory} can't be read: {error.strerror}.") from error
    for file in files:
        if file.name.lower().endswith((".yml", ".yaml")) and not file.name.endswith(".yaml"):
            raise PolicyError(f"The policy file {file} would not be read.", mend="Let its name end in .yaml.")
    return [file for file in files if file.name.endswith(".yaml")]


def read_organisation_file(file: Path, digest: "hashlib._Hash") -> dict[str, Any]:
    """What stands in a file of an organisation's directory, when no other may write it.

    Raises:
        PolicyError: another may write it, it can't be read, or it is no policy.
    """
    try:
        check_owner(file)
    except OSError as error:
        raise PolicyError(f"The policy file {file} can't be read: {error.strerror}.") from error
    return read(file, digest)


def check_owner(path: Path) -> None:
    """Accept a path that only root and the user that itops runs as may write.

    Raises:
        PolicyError: another may write it.
    """
    state = path.stat()
    if state.st_uid not in {0, os.geteuid()}:
        raise PolicyError(f"{path} belongs to another user.", mend=f"Run `chown root {path}`.")
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PolicyError(f"Others may write {path}.", mend=f"Run `chmod go-w {path}`.")


def read(file: Traversable, digest: "hashlib._Hash") -> dict[str, Any]:
    """What stands in a file; its bytes go into the digest.

    Raises:
        PolicyError: it can't be read, or is no policy.
    """
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


def entries_of(file: Traversable, document: dict[str, Any], key: str) -> list[Any]:
    """The list that a document holds.

    Raises:
        PolicyError: it holds another thing.
    """
    extra = set(document) - {"version", key}
    entries = document.get(key)
    if extra or not isinstance(entries, list):
        raise PolicyError(f"The policy file {file} must hold `version` and a list `{key}`, and nothing else.")
    return entries


def made(kind: type[Made], entry: object, file: Traversable, name: str) -> Made:
    """The noun that an entry stands for.

    Raises:
        PolicyError: the entry is off; it names file, entry and place.
    """
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        raise PolicyError(f"{file}, {name}: {faults_of(kind, error)[0]}.") from error


def all_made(
    kind: type[Made], file: Traversable, document: dict[str, Any], key: str, name: str = "entry"
) -> list[Made]:
    """The nouns that the list of a document stands for.

    Raises:
        PolicyError: an entry is off; it names file, entry and place.
    """
    return [made(kind, one, file, f"{name} {place}") for place, one in enumerate(entries_of(file, document, key), 1)]


def faults_of(kind: type[Noun], error: ValidationError) -> list[str]:
    """What is off with an entry, place by place."""
    return [_fault(kind, dict(fault)) for fault in error.errors()]


def _fault(kind: type[Noun], fault: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    said = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        nearest = difflib.get_close_matches(str(fault["loc"][-1]), list(dict.fromkeys(_keys(kind))))
        said = f"there is no such key{'; the nearest: ' + ', '.join(nearest) if nearest else ''}"
    return f"{place}: {said}" if place else said


def _keys(kind: type[Noun]) -> list[str]:
    """The keys of a noun, and of the nouns within it."""
    found = []
    for name, field in kind.model_fields.items():
        found.append(field.alias or name)
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, Noun):
                found += _keys(inner)
    return found
