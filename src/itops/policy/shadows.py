"""Shadows: rules that another rule makes idle, since it always speaks where they do and is as strict."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from itops.policy.circumstances import Circumstances
from itops.policy.conditions import CommandConditions
from itops.policy.example import command_of
from itops.policy.rule import Rule

_SOME_OF: Final = (
    *("subcommand", "flags_any", "args_any", "fed_by", "wrappers_any", "effects", "writes_any", "reads_any"),
    *("platforms", "during"),
)
_NONE_OF: Final = ("flags_none", "args_none", "not_during")
_PATTERNS: Final = ("program", "people", "roles", "environments", "targets", "tags")
_TOLD: Final = frozenset({"id", "decision", "reason", "instead", "when", "match", "not_match"})
# Conditions for which it does not matter how the words are taken apart.
_WORDLESS: Final = frozenset({"program", "effects", "fed_by", "wrappers_any", "writes_any", "reads_any"})


def shadow_of(rule: Rule, rules: Sequence[Rule]) -> Rule | None:
    """The rule among these that makes this one idle; of two that say the same, the later one is idle."""
    own = next(place for place, one in enumerate(rules) if one is rule)
    heavier = [
        (place, one)
        for place, one in enumerate(rules)
        if place != own and one.strictness.strictness >= rule.strictness.strictness
    ]
    for place, one in heavier:
        if _covers(one, rule) and (place < own or one.decision != rule.decision or not _covers(rule, one)):
            return one
    return _denied_anyway(rule, [one for _, one in heavier]) if rule.decision == "ask" else None


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether the one speaks wherever the other does, by what both say."""
    return _holds_wherever(wide.when, narrow.when) and _holds_wherever(wide, narrow)


def _holds_wherever(wide: CommandConditions | Circumstances, narrow: CommandConditions | Circumstances) -> bool:
    given = wide.model_fields_set - _TOLD
    apart = isinstance(wide, CommandConditions) and not given <= _WORDLESS
    spelt = ("valued", "single_dash") if apart else ()
    return all(_is_implied(name, getattr(wide, name), getattr(narrow, name)) for name in (*given, *spelt))


def _is_implied(name: str, wide: Any, narrow: Any) -> bool:  # noqa: ANN401 - a condition of any kind
    if wide == narrow or (not wide and name not in {"valued", "single_dash"}):
        return True
    if name in _PATTERNS:
        return bool(narrow) and all(any(fnmatchcase(one, form) for form in wide) for one in narrow)
    if name in _SOME_OF:
        return bool(narrow) and set(narrow) <= set(wide)
    if name in _NONE_OF:
        return set(wide) <= set(narrow)
    return name in {"targets_min", "share_min"} and bool(wide <= narrow)


def _denied_anyway(rule: Rule, others: Iterable[Rule]) -> Rule | None:
    """A rule that denies, for everybody and everywhere, each example of a rule that would ask."""
    examples = [command_of(example) for example in rule.match]
    always = [one for one in others if one.decision == "deny" and not one.model_fields_set - _TOLD]
    return next((one for one in always if all(one.speaks_of(example) for example in examples)), None)
