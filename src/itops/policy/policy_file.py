"""Loading of the policy: the built-in tables and rules, then an organisation's rules, which only tighten."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath
from typing import Any

from itops.domain.script import Command, Facts
from itops.errors import PolicyError
from itops.policy.aws_effects import PROGRAM, AwsEffects, AwsEntry
from itops.policy.effect_table import EffectTable, ProgramEffects
from itops.policy.effects import classify
from itops.policy.harmless import Harmless, load_harmless
from itops.policy.policy_source import (
    entries_of,
    made,
    organisation_files,
    read,
    read_organisation_file,
    yaml_files,
)
from itops.policy.rule import Rule
from itops.policy.sandboxing import Sandboxing
from itops.policy.secret_paths import SecretPaths
from itops.scripts.aws_table import table_bytes


class Policy:
    """Everything that judgement rests on. ``version`` is the hash of all that was loaded.

    ``files`` says in which file what is known of programs stands.
    """

    def __init__(
        self,
        table: EffectTable,
        rules: tuple[Rule, ...],
        protected: tuple[str, ...],
        version: str,
        files: tuple[tuple[ProgramEffects, str], ...],
        sandboxing: Sandboxing,
        harmless: Harmless,
    ) -> None:
        self.table = table
        self.rules = rules
        self.protected = protected
        self.version = version
        self._files = files
        self.sandboxing = sandboxing
        self.harmless = harmless

    def changes_local_files(self, facts: Facts) -> bool:
        """Whether the classified facts are of a script that changes local files and does nothing else."""
        return self.harmless.local_files.alone_in(facts, self.table.secrets, self.protected)

    def known_from(self, command: Command) -> str:
        """The file that says what a classified command does; empty where none does."""
        if command.program == PROGRAM:
            return "aws.yaml"
        found = (
            file
            for known, file in self._files
            if command.program in known.program and any(entry.why == command.why for entry in known.effects)
        )
        return next(found, "")


def load_policy(directory: Path | None = None, *, protected: Iterable[Path] = ()) -> Policy:
    """The built-in policy and, where a directory is given, the organisation's rules (``*.yaml``).

    Args:
        directory: The organisation's rules; they can only ask or deny, so they only tighten.
        protected: Files and directories of itops itself, which no script may change.

    Raises:
        PolicyError: something can't be loaded; names file and rule. Nothing may run.
    """
    digest = hashlib.sha256()
    built_in = resources.files("itops.policy")
    effects = [
        (known, file) for file in yaml_files(built_in / "effects") for known in _programs(file, read(file, digest))
    ]
    secrets = _secrets(built_in / "secrets.yaml", digest)
    aws = _aws(built_in / "aws.yaml", digest)
    sandboxing = _sandboxing(built_in / "sandbox.yaml", digest)
    rules = [(rule, file) for file in yaml_files(built_in / "rules") for rule in _rules(file, read(file, digest))]
    for file in organisation_files(directory) if directory else []:
        rules += [(rule, file) for rule in _rules(file, read_organisation_file(file, digest))]
    table = EffectTable([known for known, _ in effects], secrets, aws)
    check_rules([rule for rule, _ in rules], table)
    paths = _protected_paths([*protected, *([directory] if directory else [])])
    digest.update("\0".join(paths).encode())
    files = tuple((known, _place(file)) for known, file in effects)
    harmless = load_harmless(table, digest)
    return Policy(table, tuple(rule for rule, _ in rules), paths, digest.hexdigest(), files, sandboxing, harmless)


def _place(file: Traversable) -> str:
    """A file as people are told of it: built-in ones from the package's folder on, an organisation's by its name."""
    return "/".join(PurePath(str(file)).parts[-2:])


def _protected_paths(protected: Iterable[Path]) -> tuple[str, ...]:
    """The paths as scripts may write them: in full, or from the home directory."""
    paths = [path.absolute() for path in protected]
    home = Path.home()
    below = [path.relative_to(home) for path in paths if path.is_relative_to(home) and path != home]
    return (*map(str, paths), *(f"{mark}/{path}" for path in below for mark in ("~", "$HOME", "${HOME}")))


def _programs(file: Traversable, document: dict[str, Any]) -> list[ProgramEffects]:
    return [
        made(
            ProgramEffects, entry, file, f"entry {place} ({entry.get('program') if isinstance(entry, dict) else entry})"
        )
        for place, entry in enumerate(entries_of(file, document, "programs"), 1)
    ]


def _rules(file: Traversable, document: dict[str, Any]) -> list[Rule]:
    return [
        made(Rule, entry, file, rule_name(entry, place))
        for place, entry in enumerate(entries_of(file, document, "rules"), 1)
    ]


def rule_name(entry: object, place: int) -> str:
    """What a rule is called in a message: by its id, or by its place in the file."""
    return f"rule {entry.get('id', place) if isinstance(entry, dict) else place}"


def _secrets(file: Traversable, digest: "hashlib._Hash") -> SecretPaths:
    document = {key: value for key, value in read(file, digest).items() if key != "version"}
    secrets = made(SecretPaths, document, file, "secrets")
    wrong = [path for path in secrets.match if not secrets.is_secret(path)]
    wrong += [path for path in (*secrets.not_match,) if secrets.is_secret(path)]
    if wrong:
        raise PolicyError(f"{file}: the example {wrong[0]!r} is judged the other way.")
    return secrets


def _aws(file: Traversable, digest: "hashlib._Hash") -> AwsEffects:
    digest.update(table_bytes())
    document = read(file, digest)
    entries = [
        made(AwsEntry, entry, file, f"entry {place} ({entry.get('operation')})")
        for place, entry in enumerate(document["operations"], 1)
    ]
    return AwsEffects(entries, document["worldwide"])


def _sandboxing(file: Traversable, digest: "hashlib._Hash") -> Sandboxing:
    document = {key: value for key, value in read(file, digest).items() if key != "version"}
    return made(Sandboxing, document, file, "sandboxes")


def check_rules(rules: Sequence[Rule], table: EffectTable) -> None:
    """Accept rules whose ids stand once, and whose examples, where they are about effects, have them by the table.

    Raises:
        PolicyError: an id stands twice, or an example is judged the other way.
    """
    for name, times in Counter(rule.id for rule in rules).items():
        if times > 1:
            raise PolicyError(f"The rule {name} stands in the policy twice.", mend="Give one of them another id.")

    def classified(command: Command) -> Command:
        return classify(Facts(commands=(command,)), table).commands[0]

    for rule in rules:
        wrong = rule.wrong_example(classified)
        if wrong:
            raise PolicyError(f"The policy can't be loaded: {wrong}.")
