"""What an importer found: targets and groups, and what of the source it changed or left."""

import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from itops.targets.entries import GroupEntry, TargetEntry, fault_of_name


@dataclass(frozen=True)
class Note:
    """Something that was not taken as it stands, and why; ``what`` names it."""

    what: str
    why: str


@dataclass
class Found:
    """Targets and groups of a source, by the names that they get here."""

    targets: dict[str, TargetEntry] = field(default_factory=dict)
    groups: dict[str, GroupEntry] = field(default_factory=dict)
    changed: list[Note] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)

    def add_target(self, name: str, values: dict[str, Any]) -> str:
        """Take a target; the name it has here, empty where it was left."""
        here = self._named(name, "the target")
        if not here:
            return ""
        if here.lower() in {taken.lower() for taken in self.targets} if here != name else here in self.targets:
            self.left.append(Note(f"the target {name}", f"{here} is there already"))
            return ""
        try:
            self.targets[here] = TargetEntry.model_validate(values)
        except ValidationError as error:
            fault = error.errors()[0]
            key = str(fault["loc"][0]) if fault["loc"] else ""
            self.left.append(Note(f"the target {name}", f"{key}: {fault['msg'].removeprefix('Value error, ')}"))
            return ""
        return here

    def add_group(self, name: str, entry: GroupEntry) -> str:
        """Take a group; the name it has here, empty where it was left."""
        here = self._named(name, "the group")
        if here in self.targets:
            self.changed.append(Note(f"the group {name}", f"is {here}-group here, since a target has its name"))
            here = f"{here}-group"
        if here:
            self.groups[here] = entry
        return here

    def _named(self, name: str, what: str) -> str:
        here = name_of(name)
        if fault := fault_of_name(here):
            self.left.append(Note(f"{what} {name}", fault))
            return ""
        if here != name:
            self.changed.append(Note(f"{what} {name}", f"is {here} here"))
        return here


def name_of(name: str) -> str:
    """The nearest that may be a name here."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-")
