"""Explanations: a judgement taken apart, command by command, for people who ask why."""

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.domain.verdict import Decision, Reason
from itops.policy.asked import Asked
from itops.policy.dry_run import text_of
from itops.policy.judgement import Judgement
from itops.policy.policy_file import Policy
from itops.policy.undo import Undo, undo_of
from itops.policy.whereabouts import folders_of, readings_of


class Piece(Noun):
    """One simple command: what it does, where that is known from, and which rules speak of it.

    ``known_from`` is the file of the policy that says so; ``rules`` are the ids of the rules that hold here, and
    ``idle`` of those that would for others, elsewhere or at another time; ``names`` are words that look like paths.
    """

    argv: tuple[str, ...]
    program: str
    effect: Effect
    why: str
    known_from: str
    rules: tuple[str, ...]
    idle: tuple[str, ...]
    dynamic: bool
    wrappers: tuple[str, ...]
    fed_by: tuple[str, ...]
    names: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    undo: Undo
    dry_run: str


class Explanation(Noun):
    """A judgement with the pieces that it rests on."""

    decision: Decision
    effect: Effect
    reasons: tuple[Reason, ...]
    commands: tuple[Piece, ...]
    problems: tuple[str, ...]
    impossible: tuple[str, ...]
    policy_version: str


def explain(judgement: Judgement, policy: Policy, asked: Asked) -> Explanation:
    """The judgement, taken apart."""
    facts = judgement.facts
    folders = folders_of(facts)
    return Explanation(
        decision=judgement.decision,
        effect=judgement.effect,
        reasons=judgement.reasons,
        commands=tuple(_piece(command, readings_of(command, folders), policy, asked) for command in facts.commands),
        problems=facts.problems,
        impossible=facts.impossible,
        policy_version=policy.version,
    )


def _piece(command: Command, readings: tuple[Command, ...], policy: Policy, asked: Asked) -> Piece:
    about = [rule for rule in policy.rules if any(rule.speaks_of(reading) for reading in readings)]
    form = policy.harmless.dry_runs.form_of(command) if command.effect is not Effect.READ else None
    return Piece(
        **command.model_dump(include={"argv", "program", "why", "dynamic", "wrappers", "fed_by", "reads", "writes"}),
        effect=command.effect,
        known_from=policy.known_from(command),
        rules=tuple(rule.id for rule in about if rule.holds(asked)),
        idle=tuple(rule.id for rule in about if not rule.holds(asked)),
        names=tuple(word for word in command.argv[1:] if _is_path(word)),
        undo=undo_of(command),
        dry_run=text_of(form) if form else "",
    )


def _is_path(word: str) -> bool:
    return not word.startswith("-") and "://" not in word and ("/" in word or "\\" in word or word.startswith("~"))
