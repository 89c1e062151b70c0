"""What ``--target`` says: a target, a group, a tag or an environment, narrowed by more. Never a default of all."""

import difflib
import socket
from typing import Final

from itops.domain.target import Platform, Target
from itops.errors import UnknownTarget
from itops.targets.entries import LOCAL
from itops.targets.place_grammar import REGION
from itops.targets.roster import Roster

HERE: Final = frozenset({LOCAL, "localhost", "127.0.0.1", "::1", "this machine", "this host", "here"})
_NEAREST: Final = 3


class Selector:
    """Finds targets in a roster by what a person calls them."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster

    def select(self, text: str) -> tuple[Target, ...]:
        """The targets of one ``--target``.

        Parts between commas narrow: ``group:web,env:staging,not:web-3`` are the web targets of staging but web-3.

        Raises:
            UnknownTarget: a part is unknown, or nothing fits all of them.
        """
        parts = [part.strip() for part in text.split(",")]
        wanted = [self._part(part) for part in parts if not part.startswith("not:")]
        unwanted = {one.name for part in parts if part.startswith("not:") for one in self._part(part[len("not:") :])}
        if not wanted:
            raise UnknownTarget(f"{text!r} says only what is left out.", mend="Say what it is taken from as well.")
        found = [one for one in wanted[0] if all(one in more for more in wanted[1:]) and one.name not in unwanted]
        if not found:
            raise UnknownTarget(f"No target fits {text!r}.", mend="`itops targets list` shows groups and environments.")
        return tuple(found)

    def one(self, name: str) -> Target | None:
        """The target of this name, or of the host that it is reached at; ``NAME/REGION`` is an account in a Region."""
        account, slash, region = name.partition("/")
        if slash:
            target = self.roster.target_named(account)
            return self.in_region(target, region) if target else None
        return self.named(name) or (self.roster.targets[LOCAL] if is_here(name) else None)

    def named(self, name: str) -> Target | None:
        """The target in the inventory of this name, or the only one that is reached at this host."""
        hosts = self.roster.by_host.get(name.lower(), ())
        alone = self.roster.targets[hosts[0]] if len(hosts) == 1 else None
        target = self.roster.target_named(name)
        return (target if target and target.name != LOCAL else None) or alone

    def in_region(self, target: Target, region: str) -> Target:
        """An account's target, frozen to one Region.

        Raises:
            UnknownTarget: it is no account, or the inventory does not let tasks name this Region for it.
        """
        regions = self.roster.entries.targets[target.name].regions if target.platform is Platform.AWS else ()
        if target.platform is not Platform.AWS:
            raise UnknownTarget(f"{target.name} is no account of AWS, so it has no Region {region!r}.")
        if not REGION.fullmatch(region):
            raise UnknownTarget(f"{region!r} is no Region of AWS, such as eu-west-1.")
        if regions and region not in regions:
            raise UnknownTarget(f"The account {target.name} is not used in {region!r}; it is in: {', '.join(regions)}.")
        address = self.roster.connection(target.name, region).address
        return target.model_copy(update={"name": f"{target.name}/{region}", "address": address})

    def unknown(self, name: str, *, what: str = "target") -> UnknownTarget:
        """The error that says a name is not known, with the nearest."""
        return UnknownTarget(
            f"There is no {what} {name!r}; the nearest are: {', '.join(self.nearest(name))}.",
            mend="Name a target of `itops targets list`, or leave it out to run on this machine.",
        )

    def nearest(self, name: str) -> list[str]:
        """What is called most like it: targets by name, groups as ``group:NAME``."""
        roster = self.roster
        known = {each.lower(): each for each in roster.targets}
        known |= {group.lower(): f"group:{group}" for group in roster.groups}
        known |= {each: f"env:{shown}" for each, shown in roster.environments.items()}
        near = difflib.get_close_matches(name.lower(), known, n=_NEAREST, cutoff=0.3)
        return [known[each] for each in near] or list(roster.targets)[:_NEAREST]

    def _part(self, part: str) -> tuple[Target, ...]:
        kind, colon, name = part.partition(":")
        if kind == "group" and colon:
            found = self.roster.group_named(name)
            if found is None:
                raise self.unknown(name, what="group")
            return found
        if kind in {"tag", "env"} and colon:
            return self._having(kind, name)
        target = self.one(part)
        if target is not None:
            return (target,)
        if self.roster.group_named(part) is not None:
            raise UnknownTarget(f"{part!r} is a group, not a target.", mend=f"Say `--target group:{part}`.")
        raise self.unknown(part)

    def _having(self, kind: str, name: str) -> tuple[Target, ...]:
        known = self.roster.tags if kind == "tag" else self.roster.environments
        if name.lower() not in known:
            what = "tag" if kind == "tag" else "environment"
            raise UnknownTarget(
                f"No target has the {what} {name!r}; there are: {', '.join(sorted(known.values())) or 'none'}.",
                mend="`itops targets list` shows tags and environments.",
            )
        wanted = known[name.lower()]
        return tuple(
            target
            for target in self.roster.targets.values()
            if (wanted in target.tags if kind == "tag" else target.environment == wanted)
        )


def is_here(name: str) -> bool:
    """Whether it is a name of this machine."""
    plain = name.lower()
    return plain in HERE or plain in (socket.gethostname().lower(), socket.getfqdn().lower())
