"""The inventory's file: ``targets.yaml``, read strictly. What is off is told with its line and how to mend it."""

import difflib
import os
import stat
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from itops.domain.noun import Noun
from itops.errors import InventoryError
from itops.targets.entries import GroupEntry, InventoryEntries, TargetEntry, fault_of_name
from itops.targets.lined_yaml import Lined, LineFault, read_lined

LARGEST_BYTES: Final = 32 * 1024 * 1024
_KEYS: Final = ("version", "defaults", "targets", "groups", "protected")
_NO_DEFAULT: Final = frozenset({"host", "platform", "account", "context", "regions", "tags"})
Made = TypeVar("Made", bound=Noun)


def load_entries(file: Path) -> InventoryEntries:
    """What the file says; nothing where there is no file.

    Raises:
        InventoryError: it can't be read, others may write it, or something in it is off; names line and mend.
    """
    try:
        check_owner(file)
        if file.stat().st_size > LARGEST_BYTES:
            raise InventoryError(f"The inventory {file} is larger than {LARGEST_BYTES // 1024 // 1024} MB.")
        text = file.read_bytes().decode()
    except FileNotFoundError:
        return InventoryEntries()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InventoryError(f"{file}, line {line}: it is not UTF-8.", mend="Save the file as UTF-8.") from error
    except OSError as error:
        raise InventoryError(f"The inventory {file} can't be read: {error.strerror}.") from error
    return entries_of(text, str(file))


def check_owner(file: Path) -> None:
    """Accept a file that only root and the user that itops runs as may write: it says where commands run.

    Raises:
        InventoryError: another may write it.
        OSError: it can't be looked at.
    """
    state = file.stat()
    if hasattr(os, "geteuid") and state.st_uid not in {0, os.geteuid()}:
        raise InventoryError(f"{file} belongs to another user.", mend=f"Run `chown $USER {file}`.")
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise InventoryError(f"Others may write {file}.", mend=f"Run `chmod go-w {file}`.")


def entries_of(text: str, file: str) -> InventoryEntries:
    """What a text says; ``file`` names it where something is off.

    Raises:
        InventoryError: something in it is off.
    """
    try:
        document = read_lined(text)
        return _entries(document, file) if document is not None else InventoryEntries()
    except LineFault as fault:
        raise InventoryError(f"{file}, line {fault.line}: {fault.fault}.") from fault


def _entries(document: Any, file: str) -> InventoryEntries:  # noqa: ANN401 - whatever stands there
    if not isinstance(document, Lined):
        raise LineFault(1, "it must begin with `version: 1`")
    for key in document:
        if key not in _KEYS:
            raise LineFault(document.lines[key], f"there is no key {key!r}{_nearest(key, _KEYS)}")
    if document.get("version") != "1":
        raise LineFault(document.lines.get("version", 1), "it must begin with `version: 1`")
    defaults = _defaults(document)
    targets, target_lines = _named(document, "targets")
    groups, group_lines = _named(document, "groups")
    for name in groups:
        if name in targets:
            raise LineFault(
                group_lines[name], f"the group {name!r} has the name of the target on line {target_lines[name]}"
            )
    protected = document.get("protected") or []
    if not isinstance(protected, list):
        raise LineFault(document.lines["protected"], "`protected` is a list of targets and groups")
    return InventoryEntries.model_construct(
        targets={
            name: _made(TargetEntry, _with_defaults(entry, defaults), target_lines[name], f"target {name}")
            for name, entry in targets.items()
        },
        groups={
            name: _made(GroupEntry, _members(entry), group_lines[name], f"group {name}")
            for name, entry in groups.items()
        },
        protected=tuple(str(name) for name in protected),
        lines={**target_lines, **group_lines, "protected": document.lines.get("protected", 1)},
        file=file,
    )


def _defaults(document: Lined) -> dict[str, Any]:
    given = document.get("defaults") or Lined()
    if not isinstance(given, Lined):
        raise LineFault(document.lines["defaults"], "`defaults` holds keys of targets")
    for key in given:
        if key in _NO_DEFAULT:
            raise LineFault(given.lines[key], f"{key!r} has no default: say it for each target")
    line = document.lines.get("defaults", 1)
    return _made(TargetEntry, given, line, "defaults").model_dump(include=set(given)) if given else {}


def _named(document: Lined, key: str) -> tuple[Lined, dict[str, int]]:
    given = document.get(key)
    given = Lined() if given is None else given
    if not isinstance(given, Lined):
        raise LineFault(document.lines[key], f"`{key}` holds names, each with what is said of it")
    seen: dict[str, str] = {}
    for name in given:
        if fault := fault_of_name(name):
            raise LineFault(given.lines[name], fault)
        first = seen.setdefault(name.lower(), name)
        if first != name:
            raise LineFault(given.lines[name], f"{name!r} stands twice: on line {given.lines[first]} as {first!r}")
    return given, given.lines


def _with_defaults(entry: Any, defaults: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever stands there
    """Defaults are for hosts that are reached over a network, not for accounts and clusters."""
    entry = Lined() if entry is None else entry
    if not defaults or not isinstance(entry, Lined) or entry.get("platform") in {"aws", "kubernetes"}:
        return entry
    whole = Lined()
    whole.update({**defaults, **entry})
    whole.lines = entry.lines
    return whole


def _members(entry: Any) -> Any:  # noqa: ANN401 - whatever stands there
    return {"members": entry or []} if isinstance(entry, list) or entry is None else entry


def _made(kind: type[Made], entry: Any, line: int, name: str) -> Made:  # noqa: ANN401 - whatever stands there
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        fault = error.errors()[0]
        key = str(fault["loc"][0]) if fault["loc"] else ""
        line = entry.lines.get(key, line) if isinstance(entry, Lined) else line
        said = str(fault["msg"]).removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            said = f"there is no such key{_nearest(key, tuple(kind.model_fields))}"
        raise LineFault(line, f"{name}{f', {key}' if key else ''}: {said}") from error


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=3)
    return f"; the nearest: {', '.join(near)}" if near else ""
