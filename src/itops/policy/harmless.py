"""What can be seen of a script before it runs: harmless forms of its commands, and whether a preview could show it."""

import hashlib
from importlib import resources

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.policy.dry_run import DryRuns, ProgramForms
from itops.policy.effect_table import EffectTable
from itops.policy.policy_source import all_made, read
from itops.policy.preview import FilePrograms, LocalFiles


class Harmless:
    """The tables of dry runs and of programs that work on local files alone."""

    def __init__(self, dry_runs: DryRuns | None = None, local_files: LocalFiles | None = None) -> None:
        self.dry_runs = dry_runs or DryRuns()
        self.local_files = local_files or LocalFiles()

    def forms_of(self, facts: Facts) -> tuple[tuple[Command, Command], ...]:
        """Each command of classified facts that is no read and has a harmless form, and the form, not yet judged."""
        pairs = [
            (command, self.dry_runs.form_of(command))
            for command in facts.commands
            if command.effect is not Effect.READ and not command.fed_by and "-" not in command.argv
        ]
        return tuple(dict.fromkeys((command, _unjudged(form)) for command, form in pairs if form))


def load_harmless(table: EffectTable, digest: "hashlib._Hash") -> Harmless:
    """The built-in tables.

    Raises:
        PolicyError: one can't be loaded. Nothing may run.
    """
    folder = resources.files("itops.policy")
    forms, previews = folder / "dry_runs.yaml", folder / "previews.yaml"
    groups = all_made(ProgramForms, forms, read(forms, digest), "programs")
    known = all_made(FilePrograms, previews, read(previews, digest), "programs")
    return Harmless(DryRuns(groups, has_what_if=table.has_what_if), LocalFiles(known))


def _unjudged(form: Command) -> Command:
    return form.model_copy(update={"effect": Effect.UNKNOWN, "why": ""})
