"""Facts with the effects that the table says their commands have."""

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.policy.effect_table import EffectTable, Judged
from itops.policy.whereabouts import folders_of, readings_of

_CONNECTIONS = ("/dev/tcp/", "/dev/udp/")


def classify(facts: Facts, table: EffectTable) -> Facts:
    """The same facts; each command with its effect and where that comes from."""
    folders = folders_of(facts)
    dynamic = frozenset(command.program for command in facts.commands if command.dynamic)
    commands = tuple(_classified(command, readings_of(command, folders), table, dynamic) for command in facts.commands)
    return facts.model_copy(update={"commands": commands})


def _classified(
    command: Command, readings: tuple[Command, ...], table: EffectTable, dynamic: frozenset[str]
) -> Command:
    judged = [one for reading in readings for one in _judged(reading, table, dynamic)]
    heaviest = max(judged, key=lambda one: one.effect.weight)
    return command.model_copy(update={"effect": heaviest.effect, "why": heaviest.why})


def _judged(command: Command, table: EffectTable, dynamic: frozenset[str]) -> tuple[Judged, ...]:
    """What the command itself does, then what its redirections do."""
    redirections = _of_redirections(command, table)
    if command.effect is Effect.DESTROY:
        return Judged(effect=Effect.DESTROY, why=command.why or "it never ends"), redirections
    return (table.judge(command, dynamic), redirections) if command.program else (redirections,)


def _of_redirections(command: Command, table: EffectTable) -> Judged:
    remote = next((path for path in (*command.reads, *command.writes) if path.startswith(_CONNECTIONS)), "")
    if remote:
        return Judged(effect=Effect.UNKNOWN, why=f"it opens a connection to another host: {remote}")
    secret = next((path for path in command.reads if table.secrets.is_secret(path)), "")
    if secret:
        return Judged(effect=Effect.UNKNOWN, why=f"it reads a secret: {secret}")
    if command.writes:
        return Judged(effect=Effect.CHANGE, why=f"it writes {', '.join(command.writes)}")
    return Judged(effect=Effect.READ, why="it writes nothing")
