"""Facts with the effects that the table says their commands have."""

import re
from typing import Final

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.policy.effect_table import PRINTERS, EffectTable, expands
from itops.policy.judged import READS_SECRET, Judged, heaviest_of
from itops.policy.whereabouts import folders_of, readings_of

_CONNECTIONS: Final = ("/dev/tcp/", "/dev/udp/")
_PORT: Final = re.compile(r"/dev/tcp/[\w.-]+/\d+")


def classify(facts: Facts, table: EffectTable) -> Facts:
    """The same facts; each command with its effect and where that comes from."""
    folders = folders_of(facts)
    literal = _literal_feeders(facts)
    known = {one: _classified(one, readings_of(one, folders), table, literal) for one in dict.fromkeys(facts.commands)}
    return facts.model_copy(update={"commands": tuple(known[command] for command in facts.commands)})


def _literal_feeders(facts: Facts) -> frozenset[str] | None:
    """The programs that print nothing but literal text, wherever they stand; None where the script reads a file in."""
    if any(command.reads for command in facts.commands):
        return None
    return PRINTERS - {command.program for command in facts.commands if command.dynamic}


def _classified(
    command: Command, readings: tuple[Command, ...], table: EffectTable, literal: frozenset[str] | None
) -> Command:
    judged = [one for reading in readings for one in _judged(reading, table, literal)]
    heaviest = heaviest_of(judged)
    return command.model_copy(update={"effect": heaviest.effect, "why": heaviest.why})


def _judged(command: Command, table: EffectTable, literal: frozenset[str] | None) -> tuple[Judged, ...]:
    """What the command itself does, then what its redirections do."""
    redirections = _of_redirections(command, table)
    if command.effect is Effect.DESTROY:
        return Judged(effect=Effect.DESTROY, why=command.why or "it never ends"), redirections
    return (table.judge(command, literal), redirections) if command.program else (redirections,)


def _of_redirections(command: Command, table: EffectTable) -> Judged:
    remote = next((path for path in (*command.reads, *command.writes) if path.startswith(_CONNECTIONS)), "")
    if remote and (command.program, command.writes, command.reads) == ("", (), (remote,)) and _PORT.fullmatch(remote):
        return Judged(effect=Effect.READ, why="it asks whether a port answers, and says nothing to it")
    if remote:
        return Judged(effect=Effect.UNKNOWN, why=f"it opens a connection to another host: {remote}")
    secret = next((path for path in command.reads if table.secrets.is_secret(path)), "")
    if secret:
        return Judged(effect=Effect.UNKNOWN, why=f"{READS_SECRET}: {secret}")
    if not command.program and expands(command.reads):
        return Judged(effect=Effect.UNKNOWN, why="which file it reads is only known at run time")
    if command.writes:
        return Judged(effect=Effect.CHANGE, why=f"it writes {', '.join(command.writes)}")
    return Judged(effect=Effect.READ, why="it writes nothing")
