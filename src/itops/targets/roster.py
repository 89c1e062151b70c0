"""The roster: targets, groups and connections as the inventory says them. What does not fit together is refused."""

import platform
from collections.abc import Iterable
from functools import cached_property
from typing import Final, TypeAlias

from itops.domain.connection import Connection
from itops.domain.target import Platform, Target
from itops.errors import InventoryError
from itops.targets.entries import LOCAL, PROTECTED, GroupEntry, InventoryEntries, TargetEntry

EXECUTORS: Final = {
    Platform.WINDOWS: "powershell",
    Platform.AWS: "aws",
    Platform.KUBERNETES: "kubernetes",
}
_OPTIONS: Final = ("profile", "account", "role", "context", "namespace")
_DEEPEST: Final = 50
Names: TypeAlias = dict[str, None]
"""Names in their order, each once."""


class Roster:
    """Every target by its name, every group with all of its targets."""

    def __init__(self, entries: InventoryEntries) -> None:
        """Put the entries together.

        Raises:
            InventoryError: a name is unknown, groups hold each other, bastions too, or groups contradict each other.
        """
        self.entries = entries
        self._names = {name.lower(): name for name in (LOCAL, *entries.targets)}
        self._groups = {name.lower(): name for name in entries.groups}
        self._members: dict[str, tuple[str, ...]] = {}
        for group in entries.groups:
            self._expand(group, ())
        protected: Names = {}
        for word in entries.protected:
            protected.update(dict.fromkeys(self._named_by(word, "protected")))
        self.targets = {target.name: target for target in self._made(protected)}

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The targets of each group, those of its groups among them."""
        return self._members

    @cached_property
    def sizes(self) -> dict[str, int]:
        """How many targets each tag and each environment (``env:NAME``) has."""
        counts: dict[str, int] = {}
        for target in self.targets.values():
            environment = [f"env:{target.environment}"] if target.environment else []
            for tag in (*target.tags, *environment):
                counts[tag] = counts.get(tag, 0) + 1
        return counts

    @cached_property
    def environments(self) -> dict[str, str]:
        """The environments there are, by their names in lower case."""
        return {
            target.environment.lower(): target.environment for target in self.targets.values() if target.environment
        }

    @cached_property
    def tags(self) -> dict[str, str]:
        """The tags there are, groups among them, by their names in lower case."""
        return {tag.lower(): tag for target in self.targets.values() for tag in target.tags}

    @cached_property
    def by_host(self) -> dict[str, tuple[str, ...]]:
        """The names of targets by the host that they are reached at."""
        found: dict[str, list[str]] = {}
        for name, entry in self.entries.targets.items():
            if entry.host:
                found.setdefault(entry.host.lower(), []).append(name)
        return {host: tuple(names) for host, names in found.items()}

    def target_named(self, name: str) -> Target | None:
        """The target of this name, in whatever case."""
        known = self._names.get(name.lower())
        return self.targets[known] if known else None

    def group_named(self, name: str) -> tuple[Target, ...] | None:
        """The targets of the group of this name, in whatever case."""
        known = self._groups.get(name.lower())
        return tuple(self.targets[each] for each in self._members[known]) if known else None

    def connection(self, name: str, region: str = "") -> Connection:
        """How a target is reached.

        Raises:
            InventoryError: its bastions lead to each other.
        """
        return self._connection(name, (), region) if name != LOCAL else Connection()

    def _made(self, protected: Names) -> Iterable[Target]:
        kind = Platform.WINDOWS if platform.system() == "Windows" else Platform.LINUX
        holders: dict[str, list[str]] = {}
        for group, names in self._members.items():
            for name in names:
                holders.setdefault(name, []).append(group)
        for name, entry in {LOCAL: TargetEntry(platform=kind, executor="system"), **self.entries.targets}.items():
            groups = holders.get(name, [])
            told = [self.entries.groups[group] for group in groups]
            guard = [PROTECTED] if name in protected else []
            tags = dict.fromkeys((*entry.tags, *groups, *(tag for group in told for tag in group.tags), *guard))
            yield Target(
                name=name,
                platform=entry.platform,
                executor=entry.executor or EXECUTORS.get(entry.platform, "ssh"),
                environment=self._environment(name, entry, told, groups),
                tags=tuple(tags),
                address=self.connection(name).address,
            )

    def _environment(self, name: str, entry: TargetEntry, told: list[GroupEntry], groups: list[str]) -> str:
        said = {entry.environment: f"the target {name}"} if entry.environment else {}
        for group, name_of_group in zip(told, groups, strict=True):
            if group.environment:
                said.setdefault(group.environment, f"the group {name_of_group}")
        if len(said) > 1:
            both = " and ".join(f"{who} says {what}" for what, who in list(said.items())[:2])
            raise self._fault(name, f"the environment of {name} is not one: {both}", "Let both say the same.")
        return next(iter(said), "")

    def _connection(self, name: str, above: tuple[str, ...], region: str = "") -> Connection:
        entry = self.entries.targets[name]
        if name in above or len(above) > _DEEPEST:
            raise self._fault(name, f"the bastions of {name} lead back to it", "Take one of them out of `via`.")
        if entry.platform in {Platform.AWS, Platform.KUBERNETES}:
            own = {option: str(getattr(entry, option)) for option in _OPTIONS if getattr(entry, option)}
            return Connection(options={**entry.options, **own, **({"region": region} if region else {})})
        via = tuple(self._bastion(word, (*above, name)) for word in entry.via)
        same = ("port", "user", "key_files", "certificate_files", "known_hosts", "trust_first")
        shared = {field: getattr(entry, field) for field in (*same, "password", "sudo_password", "options")}
        return Connection(host=entry.host or name, via=via, **shared)

    def _bastion(self, word: str, above: tuple[str, ...]) -> Connection:
        known = self._names.get(word.lower())
        if known and known != LOCAL:
            return self._connection(known, above)
        user, _, place = word.rpartition("@")
        host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "")
        if not host or not (port or "0").isdigit() or not 0 <= int(port or 0) <= 65535 or host.startswith("-"):  # noqa: PLR2004 - the ports there are
            raise self._fault(above[-1], f"the bastion {word!r} is neither a target nor [user@]host[:port]", "")
        entry = self.entries.targets[above[-1]]
        return Connection(
            host=host,
            port=int(port or 0),
            user=user,
            key_files=entry.key_files,
            known_hosts=entry.known_hosts,
            trust_first=entry.trust_first,
        )

    def _expand(self, group: str, above: tuple[str, ...]) -> tuple[str, ...]:
        if group in above:
            circle = " > ".join((*above[above.index(group) :], group))
            raise self._fault(group, f"groups hold each other: {circle}", "Take one of them out of the other.")
        if len(above) > _DEEPEST:
            raise self._fault(group, f"groups hold groups more than {_DEEPEST} deep", "Name their targets themselves.")
        if group not in self._members:
            found: Names = {}
            for word in self.entries.groups[group].members:
                found.update(dict.fromkeys(self._named_by(word, group, (*above, group))))
            self._members[group] = tuple(found)
        return self._members[group]

    def _named_by(self, word: str, place: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The names of targets that a word in a list stands for."""
        plain = word.removeprefix("group:").lower()
        if plain in self._groups:
            return self._expand(self._groups[plain], above)
        if plain in self._names:
            return (self._names[plain],)
        what = place if place == "protected" else f"the group {place}"
        raise self._fault(place, f"{what} names {word!r}, which is no target and no group", "")

    def _fault(self, name: str, fault: str, mend: str) -> InventoryError:
        file, line = self.entries.file, self.entries.lines.get(name)
        return InventoryError(f"{file}{f', line {line}' if line else ''}: {fault}.", mend=mend)
