"""Facts to a sandbox: what a script that only reads must be shown, and what is kept from it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from itops.domain.noun import Noun
from itops.domain.sandbox import Sandbox, View
from itops.domain.script import Command, Facts
from itops.domain.target import Target
from itops.domain.verdict import Reason
from itops.policy.conditions import Pattern

_SHOWN: Final = {
    View.NETWORK: "the network",
    View.PROCESSES: "other processes from within",
    View.MOUNTS: "how things are mounted",
    View.DEVICES: "devices",
    View.OWNERS: "whose things are",
    View.ACCOUNTS: "another account's rights",
    View.CONTROLS: "what devices of the kernel tell only to who may change them",
}


@dataclass(frozen=True)
class Containment:
    """How reads that nobody approves are confined.

    ``confines`` says whether a sandbox is to be had on all of some targets; where ``is_required`` holds, nothing runs
    unasked without one.
    """

    confines: Callable[[tuple[Target, ...], Sandbox], bool]
    is_required: bool = False


class Need(Noun):
    """What a command must be shown, and what root must keep for it.

    It is of a command of one of the programs that has such a word; of all programs, or all words, where none is given.
    """

    programs: tuple[str, ...] = ()
    words: Pattern = ""
    views: tuple[View, ...] = ()
    capabilities: tuple[str, ...] = ()

    def is_of(self, command: Command) -> bool:
        """Whether the command has the need."""
        words = (*command.argv[1:], *command.reads)
        return (not self.programs or not _names(command).isdisjoint(self.programs)) and (
            not self.words or any(re.search(self.words, word) for word in words)
        )


class Hidden(Noun):
    """Files and sockets that are hidden from all but the programs whose own they are."""

    paths: tuple[str, ...] = Field(min_length=1)
    but_for: tuple[str, ...] = ()


class Sandboxing(Noun):
    """The table of needs."""

    capabilities: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    hidden: tuple[Hidden, ...] = ()

    def sandbox_for(self, facts: Facts) -> Sandbox:
        """The tightest sandbox in which the script's answer is the same as outside."""
        programs = frozenset(name for command in facts.commands for name in _names(command))
        needs = [need for need in self.needs if any(need.is_of(command) for command in facts.commands)]
        return Sandbox(
            views=tuple(view for view in View if any(view in need.views for need in needs)),
            capabilities=tuple(
                dict.fromkeys((*self.capabilities, *(name for need in needs for name in need.capabilities)))
            ),
            hidden=tuple(path for one in self.hidden if programs.isdisjoint(one.but_for) for path in one.paths),
        )


def no_sandbox(sandbox: Sandbox) -> Reason:
    """Why a read asks where it can't be confined."""
    shown = f" that shows it {' and '.join(_SHOWN[view] for view in sandbox.views)}" if sandbox.views else ""
    return Reason(
        rule="no-sandbox",
        message=f"It only reads, but there is no sandbox{shown}, which would stop what was misread.",
        instead="Install bubblewrap, or use a kernel with Landlock; `itops doctor` says what is there.",
    )


def _names(command: Command) -> frozenset[str]:
    return frozenset((command.program, *command.wrappers))
