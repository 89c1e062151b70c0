"""Reads on other computers than the targets: they are never done in passing."""

from collections.abc import Sequence

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.domain.target import Target


def other_hosts(command: Command, targets: Sequence[Target]) -> tuple[str, ...]:
    """The hosts that the command reaches and that are none of the targets; a target goes by its short name too."""
    names = {name for target in targets for name in (target.name.lower(), target.name.lower().partition(".")[0])}
    return tuple(host for host in command.hosts if host.lower() not in names)


def reads_elsewhere(facts: Facts, targets: Sequence[Target]) -> list[tuple[Command, tuple[str, ...]]]:
    """Each command that reads on a host that is none of the targets, with those hosts; none where no target is named.

    Whatever does more than read asks for that alone.
    """
    reading = [command for command in facts.commands if command.effect is Effect.READ] if targets else []
    return [(command, hosts) for command in reading if (hosts := other_hosts(command, targets))]
