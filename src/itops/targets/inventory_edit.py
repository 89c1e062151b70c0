"""Changes of the inventory's file: its other lines, comments among them, stay as they are."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from itops.domain.noun import Noun
from itops.errors import InventoryError, UsageError
from itops.targets.entries import GroupEntry, InventoryEntries, TargetEntry
from itops.targets.importers.found import Found, Note
from itops.targets.inventory_file import check_owner, entries_of, load_entries
from itops.targets.lined_yaml import Lined, read_lined
from itops.targets.roster import Roster

Section = Literal["targets", "groups"]
_EMPTY: Final = re.compile(r"\w+:\s*(?:\{\s*\}|~|null)?\s*(?:#.*)?")


@dataclass(frozen=True)
class Report:
    """What an import took, changed and left."""

    targets: tuple[str, ...]
    groups: tuple[str, ...]
    changed: tuple[Note, ...]
    left: tuple[Note, ...]

    def rows(self) -> dict[str, Any]:
        """As a document."""
        return asdict(self)


class InventoryEditor:
    """Adds to the inventory's file and takes away from it; what would not load afterwards is not written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, name: str, entry: TargetEntry, groups: Iterable[str] = ()) -> None:
        """Add one target, to groups of its own where they are named.

        Raises:
            UsageError: its name is taken, or the file would not load with it. Nothing changed.
        """
        standing = self._standing()
        if name.lower() in {each.lower() for each in (*standing.targets, *standing.groups)}:
            raise _refused(f"There is a target or group {name!r} already.", "Take another name, or remove it first.")
        told = {group: standing.groups.get(group, GroupEntry()) for group in groups}
        grown = {group: one.model_copy(update={"members": (*one.members, name)}) for group, one in told.items()}
        self._write({name: entry}, grown)

    def remove(self, name: str) -> None:
        """Take one target away.

        Raises:
            UsageError: it is not there, or a group or the list of protected targets names it. Nothing changed.
        """
        standing = self._standing()
        if name not in standing.targets:
            raise _refused(f"The inventory has no target {name!r}.", "`itops targets list` has them.")
        self._write({}, {}, without=[name])

    def take(self, found: Found, *, replace: bool = False, dry_run: bool = False) -> Report:
        """Take what an importer found; what is there already and differs stays, unless it is to be replaced.

        Raises:
            UsageError: the file would not load with it. Nothing changed.
        """
        standing = self._standing()
        changed, left = list(found.changed), list(found.left)
        targets = _fresh("target", found.targets, standing.targets, replace, changed, left)
        groups = _fresh("group", found.groups, standing.groups, replace, changed, left)
        self._write(targets, groups, dry_run=dry_run)
        return Report(tuple(targets), tuple(groups), tuple(changed), tuple(left))

    def _standing(self) -> InventoryEntries:
        return load_entries(self._file)

    def _write(
        self,
        targets: Mapping[str, TargetEntry],
        groups: Mapping[str, GroupEntry],
        *,
        without: Iterable[str] = (),
        dry_run: bool = False,
    ) -> None:
        text = self._file.read_text(encoding="utf-8") if self._file.exists() else "version: 1\n"
        if self._file.exists():
            check_owner(self._file)
        text = _without(text, "targets", {*without, *targets})
        text = _without(text, "groups", set(groups))
        text = _with(text, "groups", {name: _said(entry) for name, entry in groups.items()})
        text = _with(text, "targets", {name: _said(entry) for name, entry in targets.items()})
        try:
            Roster(entries_of(text, f"{self._file} as it would be"))
        except InventoryError as error:
            raise UsageError(error.what, world="The inventory is as it was.", mend=error.mend) from error
        if not dry_run:
            _replace(self._file, text)


def _fresh(
    what: str,
    found: Mapping[str, Any],
    standing: Mapping[str, Noun],
    replace: bool,  # noqa: FBT001 - one truth, one word
    changed: list[Note],
    left: list[Note],
) -> dict[str, Any]:
    """What is new, or differs and is to be replaced."""
    fresh = {}
    for name, entry in found.items():
        if name not in standing or (replace and standing[name] != entry):
            fresh[name] = entry
            if name in standing:
                changed.append(Note(f"the {what} {name}", "it was there, and is replaced"))
        else:
            same = standing[name] == entry
            left.append(Note(f"the {what} {name}", "it is there already" + ("" if same else ", and differs")))
    return fresh


def _said(entry: TargetEntry | GroupEntry) -> str:
    values = entry.model_dump(mode="json", exclude_defaults=True)
    if isinstance(entry, GroupEntry) and set(values) <= {"members"}:
        values = values.get("members", [])
    return yaml.safe_dump(values, default_flow_style=True, width=2**31, sort_keys=False, allow_unicode=True).strip()


def _with(text: str, section: Section, entries: Mapping[str, str]) -> str:
    """The text with these entries at the head of a section."""
    if not entries:
        return text
    document, lines = read_lined(text), text.splitlines()
    at = document.lines.get(section, 0)
    inner = document.get(section)
    indent = "  "
    if at and not inner:
        _check_block(lines[at - 1], section)
        lines[at - 1] = f"{section}:"
    elif at:
        first = lines[min(inner.lines.values()) - 1]
        indent = first[: len(first) - len(first.lstrip())]
        _check_block(lines[at - 1], section)
    else:
        lines += [f"{section}:"]
        at = len(lines)
    lines[at:at] = [f"{indent}{_key(name)}: {said}" for name, said in entries.items()]
    return "\n".join(lines) + "\n"


def _without(text: str, section: Section, names: set[str]) -> str:
    """The text without the lines of these entries."""
    document = read_lined(text)
    inner = document.get(section) if isinstance(document, Lined) else None
    gone = [inner.lines[name] for name in names if name in inner.lines] if isinstance(inner, Lined) else []
    if not gone or not isinstance(inner, Lined):
        return text
    lines = text.splitlines()
    _check_block(lines[document.lines[section] - 1], section)
    starts = sorted({*inner.lines.values(), *document.lines.values(), len(lines) + 1})
    dropped = {line for start in gone for line in range(start, next(after for after in starts if after > start))}
    kept = [line for number, line in enumerate(lines, 1) if number not in dropped or line.startswith("#")]
    return "\n".join(kept) + "\n"


def _check_block(line: str, section: Section) -> None:
    if not _EMPTY.fullmatch(line.rstrip()):
        raise _refused(f"`{section}` is written on one line.", "Write each of its names on a line of its own.")


def _key(name: str) -> str:
    """A name as a key; one that YAML would read as another thing is quoted for other readers."""
    return (
        name
        if re.fullmatch(r"[A-Za-z][\w.-]*", name) and name.lower() not in {"yes", "no", "on", "off"}
        else f'"{name}"'
    )


def _replace(file: Path, text: str) -> None:
    """Write the file at once or not at all."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".targets.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except OSError as error:
        raise InventoryError(f"The inventory {file} can't be written: {error.strerror}.") from error


def _refused(what: str, mend: str) -> UsageError:
    return UsageError(what, world="The inventory is as it was.", mend=mend)
