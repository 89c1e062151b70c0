"""Facts with the effects that the table says their commands have."""

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.policy.effect_table import EffectTable, Judged

_CONNECTIONS = ("/dev/tcp/", "/dev/udp/")


def classify(facts: Facts, table: EffectTable) -> Facts:
    """The same facts; each command with its effect and where that comes from."""
    return facts.model_copy(update={"commands": tuple(_classified(command, table) for command in facts.commands)})


def _classified(command: Command, table: EffectTable) -> Command:
    judged = [_of_redirections(command, table)]
    if command.effect is Effect.DESTROY:
        judged.append(Judged(effect=Effect.DESTROY, why=command.why or "it never ends"))
    elif command.program:
        judged.append(table.judge(command))
    heaviest = max(reversed(judged), key=lambda one: one.effect.weight)
    return command.model_copy(update={"effect": heaviest.effect, "why": heaviest.why})


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
