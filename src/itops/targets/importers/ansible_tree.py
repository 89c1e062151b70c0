"""Ansible's groups, hosts and variables, whatever they were written in, made into targets and groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from itops.targets.entries import GroupEntry
from itops.targets.importers.ansible_vars import environment_of, target_values
from itops.targets.importers.found import Found, Note

_OWN: Final = frozenset({"all", "ungrouped"})
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "local"})


@dataclass
class Group:
    """One group as its source says it."""

    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass
class Tree:
    """All groups, and the variables of hosts."""

    groups: dict[str, Group] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def group(self, name: str) -> Group:
        """The group of this name, a new one where there was none."""
        return self.groups.setdefault(name, Group())

    def add_host(self, name: str, group: str, variables: Mapping[str, Any]) -> None:
        """A host of a group, with what is said of it there."""
        self.hosts.setdefault(name, {}).update(variables)
        self.group(group).hosts[name] = None

    def found(self) -> Found:
        """The targets and groups; a host has the variables of its groups, its own over them."""
        found, names = Found(), dict[str, str]()
        inherited = self._inherited()
        for host, own in self.hosts.items():
            if host in _LOCAL:
                found.left.append(Note(f"the host {host}", "this machine is known as local"))
                continue
            variables = {**self.group("all").variables, **inherited.get(host, {}), **own}
            names[host] = found.add_target(host, target_values(host, variables, found))
        for name, group in self.groups.items():
            if name in _OWN:
                continue
            environment = environment_of(name)
            if environment:
                found.changed.append(Note(f"the group {name}", f"gives its targets the environment {environment}"))
            members = [*(f"group:{child}" for child in group.children), *(names.get(host, "") for host in group.hosts)]
            found.add_group(name, GroupEntry(members=tuple(filter(None, members)), environment=environment))
        return found

    def _inherited(self) -> dict[str, dict[str, Any]]:
        """What groups say of each host: a group over those that hold it."""
        parents: dict[str, list[str]] = {}
        for name, group in self.groups.items():
            for child in group.children:
                parents.setdefault(child, []).append(name)
        said: dict[str, dict[str, Any]] = {}
        for name, group in self.groups.items():
            variables = self._above(name, parents)
            for host in group.hosts if variables else ():
                said.setdefault(host, {}).update(variables)
        return said

    def _above(self, name: str, parents: Mapping[str, list[str]]) -> dict[str, Any]:
        """The variables of a group over those of the groups that hold it; a circle is walked once."""
        line, seen = [name], {name, *_OWN}
        for each in line:
            fresh = [parent for parent in parents.get(each, []) if parent not in seen]
            seen.update(fresh)
            line += fresh
        own = [self.groups[each].variables for each in reversed(line) if each in self.groups]
        return {key: value for variables in own for key, value in variables.items()}
