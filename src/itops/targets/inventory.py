"""Names and words to frozen targets. Never a default of all; a name that is not known is an error, never a guess."""

import threading
from pathlib import Path

from itops.domain.connection import Connection
from itops.domain.target import Platform, Target
from itops.errors import InventoryError, TargetUnreachable, UnknownTarget
from itops.targets.entries import LOCAL, InventoryEntries
from itops.targets.host_words import hosts_named_in
from itops.targets.inventory_file import load_entries
from itops.targets.roster import Roster
from itops.targets.selection import Selector
from itops.targets.words_to_targets import WordsToTargets


class Inventory:
    """What itops knows to run on: this machine, and what stands in the file, read again when it has changed."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, ...], Selector, WordsToTargets] | None = None

    def names(self) -> list[str]:
        """Every name of a target."""
        return list(self._selector().roster.targets)

    def targets(self) -> list[Target]:
        """Every target there is; this machine is the first."""
        return list(self._selector().roster.targets.values())

    def groups(self) -> dict[str, tuple[str, ...]]:
        """The names of the targets of each group."""
        return self._selector().roster.groups

    def sizes(self) -> dict[str, int]:
        """How many targets each tag has, and each environment as ``env:NAME``."""
        return self._selector().roster.sizes

    def select(self, text: str) -> tuple[Target, ...]:
        """The targets of one ``--target``: a name, or ``group:``, ``tag:`` and ``env:``, narrowed by commas.

        Raises:
            UnknownTarget: it names none.
        """
        return self._selector().select(text)

    def connection(self, target: Target) -> Connection:
        """How a target that was frozen earlier is reached.

        Raises:
            TargetUnreachable: it is not known any more, or has another address now. Nothing ran there.
        """
        account, _, region = target.name.partition("/")
        known = self._selector().roster.target_named(account)
        connection = self._selector().roster.connection(known.name, region) if known else None
        if known is None or connection is None or connection.address != target.address:
            now = f"has another address now: {connection.address}" if connection else "is not in the inventory any more"
            raise TargetUnreachable(
                f"The target {target.name} ({target.address}) {now}.", mend="Submit the task again, for what is there."
            )
        return connection

    def resolve(self, names: tuple[str, ...], words: str = "") -> tuple[Target, ...]:
        """The targets of these names, and of none other; without names, those of the words; else this machine.

        A place that the words name must be where the task runs: else it would run on the wrong machine.

        Raises:
            UnknownTarget: a name is not known, a place is not certain, or names and words differ. Nothing ran.
            InventoryError: the inventory can't be read. Nothing ran.
        """
        selector, by_words = self._parts()
        given = {target.name: target for name in names for target in selector.select(name)}
        hosts = [(host, selector.one(host)) for host in hosts_named_in(words)]
        for host, known in hosts:
            if known is None and not by_words.knows(host):
                raise selector.unknown(host)
        named = by_words.resolve(words, given=given)
        here = selector.roster.targets[LOCAL]
        found = tuple(given.values()) or named.targets or (here,)
        reached = {target.name.partition("/")[0] for target in found} | named.left_out
        missed = next((host for host, known in hosts if known and known.name not in reached), "")
        if missed:
            raise UnknownTarget(
                f"The words name {missed}, and it is not certain that they mean to run there.",
                mend="Name where to run once: `on NAME`, or --target.",
            )
        _refuse_mixture(found)
        return found

    def _selector(self) -> Selector:
        return self._parts()[0]

    def _parts(self) -> tuple[Selector, WordsToTargets]:
        with self._lock:
            mark = self._mark()
            if self._read is None or self._read[0] != mark:
                selector = Selector(Roster(load_entries(self._file) if self._file else InventoryEntries()))
                self._read = mark, selector, WordsToTargets(selector)
            return self._read[1:]

    def _mark(self) -> tuple[int, ...]:
        """What changes with the file."""
        try:
            state = self._file.stat() if self._file else None
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise InventoryError(f"The inventory {self._file} can't be read: {error.strerror}.") from error
        return (state.st_mtime_ns, state.st_size, state.st_ino, state.st_mode) if state else ()


def _refuse_mixture(found: tuple[Target, ...]) -> None:
    """One script is for one kind of system."""
    kinds: dict[Platform, str] = {}
    for target in found:
        kinds.setdefault(target.platform, target.name)
    if len(kinds) > 1:
        told = ", ".join(f"{name} is {kind.value}" for kind, name in kinds.items())
        raise UnknownTarget(f"The targets are of different kinds: {told}.", mend="Ask for each kind in its own task.")
