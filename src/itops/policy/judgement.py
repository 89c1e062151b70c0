"""The judgement of facts: what rules and effects say, before it is bound to a script."""

from dataclasses import dataclass

from itops.domain.effect import Effect
from itops.domain.instruction import InstructionState
from itops.domain.script import Command, Facts
from itops.domain.verdict import Decision, Reason
from itops.policy.asked import Asked
from itops.policy.borrowed import borrowed
from itops.policy.elsewhere import reads_elsewhere
from itops.policy.judged import READS_SECRET
from itops.policy.plain_text import quoted
from itops.policy.policy_file import Policy
from itops.policy.rule import Rule
from itops.policy.whereabouts import folders_of, readings_of

# Rules about effects speak of what can't be read, too: it may do anything.
_UNREAD = Command(program="", argv=("what can't be read",), effect=Effect.UNKNOWN)
_DOES = {
    Effect.CHANGE: "changes something",
    Effect.UNKNOWN: "is not certain to only read",
    Effect.DESTROY: "destroys something",
}


@dataclass(frozen=True)
class Judgement:
    """What policy says of facts: the strictest decision, why, and the facts with their effects."""

    decision: Decision
    reasons: tuple[Reason, ...]
    facts: Facts

    @property
    def effect(self) -> Effect:
        """The heaviest effect."""
        return self.facts.effect


def judge_classified(facts: Facts, policy: Policy, asked: Asked) -> Judgement:
    """The judgement of classified facts: deny over ask over allow, and ask where nothing speaks."""
    spoken = _rules_say(facts, policy, asked)
    denied = tuple(reason for decision, reason in spoken if decision is Decision.DENY)
    if denied:
        return Judgement(Decision.DENY, (*denied, *_differs(asked)), facts)
    vouched = _vouched(facts, asked)
    asking = tuple(reason for _, reason in spoken) + _secrets_named(facts, policy, vouched=vouched)
    asking += _impossible(facts) + _without_region(facts, policy) + _wanted_by_instruction(asked)
    asking += () if vouched else _elsewhere(facts, asked)
    asking += borrowed(facts, asked.origins, asked.instance_of, asked.parameters)
    doubts = _doubts(facts)
    if asked.auto == "none":
        asking += (Reason(rule="auto-none", message="Nothing is allowed without asking."),)
    elif doubts and not vouched:
        # A secret that is named speaks for itself.
        said = [doubt for doubt in doubts if READS_SECRET not in doubt.message or not asking]
        asking += (*said, *_why_not_vouched(asked))
    if asking:
        return Judgement(Decision.ASK, tuple(dict.fromkeys((*asking, *_differs(asked)))), facts)
    return Judgement(Decision.ALLOW, (_why_allowed(doubts, asked, facts), *_differs(asked)), facts)


def _rules_say(facts: Facts, policy: Policy, asked: Asked) -> list[tuple[Decision, Reason]]:
    spoken: list[tuple[Decision, Reason]] = []
    folders = folders_of(facts)
    rules = [rule for rule in policy.rules if rule.holds(asked)]
    concerned: dict[str, list[Rule]] = {}
    unread = (_UNREAD,) if facts.problems else ()
    for command in dict.fromkeys((*facts.commands, *unread)):
        readings = readings_of(command, folders)
        if command.program not in concerned:
            concerned[command.program] = [rule for rule in rules if rule.when.concerns(command.program)]
        for rule in concerned[command.program]:
            if any(rule.speaks_of(reading) for reading in readings):
                message = f"{shown(command)}: {rule.reason}"
                spoken.append((rule.strictness, Reason(rule=rule.id, message=message, instead=rule.instead)))
        path = next((path for one in readings if (path := _protected_path(one, policy.protected))), "")
        if path:
            spoken.append((Decision.DENY, _own_file(command, path)))
    return list(dict.fromkeys(spoken))


def _protected_path(command: Command, protected: tuple[str, ...]) -> str:
    """A file of itops itself that a command that does not only read names."""
    if command.effect is Effect.READ:
        return ""
    words = (*command.argv, *command.writes)
    return next((path for path in protected for word in words if _is_within(word, path)), "")


def _is_within(word: str, path: str) -> bool:
    index = word.find(path)
    return index >= 0 and word[index + len(path) : index + len(path) + 1] in {"", "/", "*", "'", '"', " ", ";"}


def _own_file(command: Command, path: str) -> Reason:
    return Reason(
        rule="own-files",
        message=f"{shown(command)}: it would touch itops' own files under {path}.",
        instead="Let a person with access to the host do it, outside itops.",
    )


def _secrets_named(facts: Facts, policy: Policy, *, vouched: bool) -> tuple[Reason, ...]:
    """Secrets ask, but where only their names and sizes are looked at.

    Who vouches for a script vouches for its variables (``$password`` is how it gets its own secret), but not for the
    file that a parameter may name.
    """
    doubted = [command for command in facts.commands if command.effect is not Effect.READ]
    named = [(command, policy.table.secrets.found_in(command, metadata=False)) for command in doubted]
    return tuple(
        Reason(rule="secret", message=f"{shown(command)}: {secret} holds or may hold a secret.")
        for command, secret in named
        if secret and not (vouched and "/" not in secret)
    )


def _impossible(facts: Facts) -> tuple[Reason, ...]:
    return tuple(Reason(rule="impossible", message=f"It can't run: {text}.") for text in facts.impossible)


def _without_region(facts: Facts, policy: Policy) -> tuple[Reason, ...]:
    """Changes whose region the settings of the host would choose: nobody can tell from the command what they touch."""
    return tuple(
        Reason(rule="aws-region", message=f"{shown(command)}: no region is named.")
        for command in facts.commands
        if policy.table.aws.names_no_region(command)
    )


def _elsewhere(facts: Facts, asked: Asked) -> tuple[Reason, ...]:
    """Reads on computers that nobody named as a target."""
    return tuple(
        Reason(rule="other-host", message=f"{shown(command)}: it reaches {', '.join(hosts)}, which is no target.")
        for command, hosts in reads_elsewhere(facts, asked.targets)
    )


def _wanted_by_instruction(asked: Asked) -> tuple[Reason, ...]:
    """An instruction may want a person for each of its runs; to verify what was approved needs no further one."""
    instruction = asked.instance_of
    if instruction is None or instruction.approval != "always" or asked.block == "verify":
        return ()
    message = f"The instruction {instruction.id} wants an approval for each run."
    return (Reason(rule="instruction.approval", message=message),)


def _doubts(facts: Facts) -> tuple[Reason, ...]:
    """Why the facts are not certain to be reads alone, command by command."""
    problems = [
        Reason(rule="not-understood", message=f"It can't be read for certain: {text}.") for text in facts.problems
    ]
    commands = [
        Reason(
            rule=f"effect-{command.effect.value}", message=f"{shown(command)} {_DOES[command.effect]}: {command.why}."
        )
        for command in facts.commands
        if command.effect is not Effect.READ
    ]
    return (*problems, *commands)


def _vouched(facts: Facts, asked: Asked) -> bool:
    """Whether a published instruction vouches for the script, as far as ``auto`` goes."""
    instruction = asked.instance_of
    if instruction is None or instruction.state is not InstructionState.PUBLISHED:
        return False
    effects = {command.effect for command in facts.commands}
    if asked.auto == "read":
        return instruction.effect is Effect.READ and effects <= {Effect.READ, Effect.UNKNOWN}
    return instruction.effect in {Effect.READ, Effect.CHANGE} and Effect.DESTROY not in effects


def _why_not_vouched(asked: Asked) -> tuple[Reason, ...]:
    instruction = asked.instance_of
    if instruction is None:
        return ()
    if instruction.state is not InstructionState.PUBLISHED:
        message = f"It is an instance of {instruction.id}, which is not published."
    else:
        message = (
            f"It is an instance of the published instruction {instruction.id} (effect {instruction.effect.value}); "
            f"auto is {asked.auto}, so that it asks."
        )
    return (Reason(rule="instance", message=message),)


def _differs(asked: Asked) -> tuple[Reason, ...]:
    """What makes the script a stranger to the instruction that it was written from; it decides nothing."""
    return tuple(Reason(rule="trust.differs", message=text) for text in asked.differs)


def _why_allowed(doubts: tuple[Reason, ...], asked: Asked, facts: Facts) -> Reason:
    if doubts and asked.instance_of:
        message = f"It is an exact instance of the published instruction {asked.instance_of.id}."
        return Reason(rule="instance", message=message)
    hosts = ", ".join(dict.fromkeys(host for command in facts.commands for host in command.hosts))
    message = f"Every command of it only reads, also on {hosts}." if hosts else "Every command of it only reads."
    return Reason(rule="read-only", message=message)


def shown(command: Command) -> str:
    """A command as people are told of it, on one line of bearable length."""
    return quoted(" ".join((*command.argv, *(f"> {path}" for path in command.writes if command.program))))
