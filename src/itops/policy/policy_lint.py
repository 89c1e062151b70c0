"""What is off with a policy: all that keeps it from loading, and rules that can never speak or never matter."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from itops.domain.noun import Noun
from itops.errors import PolicyError
from itops.policy.policy_file import Policy, check_rules, load_policy, rule_name
from itops.policy.policy_source import entries_of, faults_of, organisation_files, read_organisation_file
from itops.policy.rule import Rule
from itops.policy.shadows import shadow_of

_MARKS: Final = ("-", "/", "+")


class Finding(Noun):
    """One thing that is off: in which file and rule, and how to mend it. ``loads``: the policy is in force even so."""

    file: str
    rule: str = ""
    fault: str
    mend: str
    loads: bool = False


class LintReport(Noun):
    """All that is off, how many rules could be read, and the version of the policy where it is in force."""

    findings: tuple[Finding, ...]
    rules: int
    version: str = ""


def lint(directory: Path | None, *, now: datetime) -> LintReport:
    """All that is off with the built-in policy together with an organisation's rules.

    Raises:
        PolicyError: the built-in policy itself can't be loaded.
    """
    built_in = load_policy()
    if directory is None:
        return LintReport(findings=(), rules=len(built_in.rules))
    try:
        files = organisation_files(directory)
    except PolicyError as error:
        return LintReport(findings=(_refused(str(directory), error),), rules=len(built_in.rules))
    found = [(file, one) for file in files for one in _read(file)]
    rules = [(file, one) for file, one in found if isinstance(one, Rule)]
    every = [*built_in.rules, *(rule for _, rule in rules)]
    together = _off_together(directory, every, built_in)
    findings = [*(one for _, one in found if isinstance(one, Finding)), *together]
    for file, rule in rules if not together else []:
        findings += [_idle_finding(file, rule, fault) for fault in (*never_speaks(rule, now), *_idle(rule, every))]
    findings += [_passed_over(folder) for folder in sorted(directory.iterdir()) if folder.is_dir()]
    return LintReport(findings=tuple(findings), rules=len(every))


def never_speaks(rule: Rule, now: datetime) -> list[str]:
    """Why a rule can never speak, or a part of it never counts."""
    return [*_words_that_never_occur(rule), *_times_that_never_come(rule, now), *_people_that_are_not(rule)]


def _words_that_never_occur(rule: Rule) -> Iterator[str]:
    for program in rule.when.program:
        if "/" in program or " " in program:
            yield f"the program {program!r} never occurs: programs are named without their folder and arguments"
    for flag in rule.when.flags_any:
        if not flag.startswith(_MARKS):
            yield f"the flag {flag!r} never occurs: flags begin with '-' or '/'"
        if flag in rule.when.flags_none:
            yield f"the flag {flag!r} must be there and must not"


def _times_that_never_come(rule: Rule, now: datetime) -> Iterator[str]:
    if rule.during and all(window.is_over(now) for window in rule.during):
        yield "its time is over: the last day of each window is in the past"
    if rule.during and set(rule.during) <= set(rule.not_during):
        yield "it holds in no time: `not_during` takes away all of `during`"


def _people_that_are_not(rule: Rule) -> Iterator[str]:
    if rule.roles == (rule.without_role,):
        yield f"nobody has the role {rule.without_role!r} and lacks it"
    for name in ("people", "roles", "environments", "targets", "tags"):
        if any(not word.strip() for word in getattr(rule, name)):
            yield f"`{name}` holds an empty word, which fits nothing"


def _read(file: Path) -> Iterator[Rule | Finding]:
    """Each rule of a file, or what is off with it."""
    try:
        entries = entries_of(file, read_organisation_file(file, hashlib.sha256()), "rules")
    except PolicyError as error:
        yield _refused(str(file), error)
        return
    for place, entry in enumerate(entries, 1):
        try:
            yield Rule.model_validate(entry)
        except ValidationError as error:
            name = rule_name(entry, place).removeprefix("rule ")
            yield from (
                Finding(file=str(file), rule=name, fault=f"{fault}.", mend=_mend(fault))
                for fault in faults_of(Rule, error)
            )


def _mend(fault: str) -> str:
    """What to do about a fault of a rule."""
    if "can't allow" in fault:
        return "Let it ask or deny, or leave it out."
    if "example" in fault or "must not" in fault:
        return "Correct the conditions or the example; `itops policy explain` shows how a command is read."
    return "Correct the rule; docs/guides/add-a-policy-rule.md lists what it may hold."


def _off_together(directory: Path, every: Sequence[Rule], built_in: Policy) -> list[Finding]:
    try:
        check_rules(every, built_in.table)
    except PolicyError as error:
        return [_refused(str(directory), error)]
    return []


def _idle(rule: Rule, every: Sequence[Rule]) -> Iterator[str]:
    shadow = shadow_of(rule, every)
    if shadow:
        yield f"it is never needed: rule {shadow.id} already says {shadow.decision} wherever it would speak"


def _idle_finding(file: Path, rule: Rule, fault: str) -> Finding:
    mend = "Correct its conditions, or leave the rule out."
    return Finding(file=str(file), rule=rule.id, fault=f"{fault[0].upper()}{fault[1:]}.", mend=mend, loads=True)


def _passed_over(folder: Path) -> Finding:
    mend = "Move its files into the policy directory itself."
    return Finding(
        file=str(folder), fault="Files in a folder of the policy directory are not read.", mend=mend, loads=True
    )


def _refused(file: str, error: PolicyError) -> Finding:
    return Finding(file=file, fault=error.what, mend=error.mend)
