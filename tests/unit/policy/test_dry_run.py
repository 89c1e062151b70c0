"""The harmless forms: the built-in table's examples hold, and nothing gets a form that it should not."""

from importlib import resources
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.domain.script import Command
from itops.policy.conditions import ArgumentConditions
from itops.policy.dry_run import DryRuns, Form, ProgramForms, text_of
from itops.policy.example import command_of

ENTRIES: list[dict[str, Any]] = yaml.safe_load(
    (resources.files("itops.policy") / "dry_runs.yaml").read_text(encoding="utf-8")
)["programs"]
GROUPS = [ProgramForms.model_validate(entry) for entry in ENTRIES]
TABLE = DryRuns(GROUPS, has_what_if=lambda argv: argv[0] == "Remove-Item")


def form(example: str, **other: object) -> str:
    found = TABLE.form_of(command_of(example).model_copy(update=other))
    return text_of(found) if found else ""


def test_the_table_is_wide() -> None:
    assert len(TABLE) >= 150


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.program[0])
def test_a_form_gets_no_form_again(group: ProgramForms) -> None:
    """What is harmless already is left alone, so that no flag stands twice."""
    for each in group.forms:
        for wanted in each.match.values():
            again = group.form_of(command_of(wanted).argv)
            assert not again or again == command_of(wanted).argv


def test_an_example_that_becomes_another_form_is_refused() -> None:
    with pytest.raises(ValidationError, match="not 'x --dry a'"):
        ProgramForms(program=("x",), forms=(Form(add=("-n",), match={"x a": "x --dry a"}),))


def test_an_example_that_must_not_match_is_refused() -> None:
    with pytest.raises(ValidationError, match="must not"):
        ProgramForms(program=("x",), forms=(Form(add=("-n",), match={"x a": "x -n a"}, not_match=("x b",)),))


@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        ("rsync -a 'a b' h:/x", "rsync --dry-run -a 'a b' h:/x"),
        ('rsync "it\'s" y', "rsync --dry-run 'it'\"'\"'s' y"),
        ("git -C push push origin", "git -C push push --dry-run origin"),
        ("kubectl --context=a -n b delete pod x", "kubectl --context=a -n b delete --dry-run=server pod x"),
        ("terraform destroy -auto-approve=true", "terraform plan -destroy"),
        ("Remove-Item 'C:/a b'", "Remove-Item 'C:/a b' -WhatIf"),
        ("Remove-Item 'C:\\a' \"it's\"", "Remove-Item C:\\a 'it''s' -WhatIf"),
        ("Remove-Item x -WhatIf", ""),
        ("Get-Item x", ""),
        ("useradd x", ""),
        ("aws ec2 modify-subnet-attribute --subnet-id x", ""),
    ],
)
def test_forms(example: str, wanted: str) -> None:
    assert form(example) == wanted


def test_words_are_added_behind_a_subcommand_as_the_programs_words_are_taken_apart() -> None:
    when = ArgumentConditions(subcommand=("s",))
    made = Form(add=("-n",), place="subcommand", when=when, match={"x -on s s a": "x -on s s -n a", "x s": "x s -n"})
    group = ProgramForms(program=("x",), valued=("-on",), single_dash=True, forms=(made,))
    assert DryRuns([group]).form_of(command_of("x s")) is not None
    assert DryRuns([group], lambda argv: True).form_of(command_of("Remove-Item s")) is not None
    assert DryRuns([group]).form_of(command_of("x")) is None
    assert DryRuns([group]).form_of(command_of("Remove-Item s")) is None


def test_words_are_added_at_the_end() -> None:
    made = Form(add=("-n",), place="end", when=ArgumentConditions(subcommand=("s",)), match={"x s a": "x s a -n"})
    assert ProgramForms(program=("x",), forms=(made,)).form_of(("x", "s")) == ("x", "s", "-n")


def test_a_word_is_swapped_for_words_and_never_the_program() -> None:
    group = ProgramForms(program=("x",), forms=(Form(swap={"x": "y -z"}, match={"x a x": "x a y -z"}),))
    assert group.form_of(("x", "a", "x")) == ("x", "a", "y", "-z")


def test_what_another_program_runs_elsewhere_has_no_form() -> None:
    assert form("rsync -a x y", wrappers=("ssh",)) == ""
    assert form("apt-get install x", wrappers=("doas", "nice", "sudo")) == "doas apt-get --simulate install x"
    assert form("apt-get install x", wrappers=("sudo",)) == "sudo apt-get --simulate install x"


def test_what_is_redirected_is_no_part_of_a_form() -> None:
    found = TABLE.form_of(command_of("rsync -a x y > /var/log/z"))
    assert found is not None
    assert found.writes == ()


@pytest.mark.parametrize(
    ("word", "text"),
    [("$dir/x", 'rsync --dry-run -a "$dir/x" y'), ("$(id)", ""), ("a`id`", ""), ('$a"', "")],
)
def test_words_of_run_time_stand_as_they_are_or_the_form_is_not_shown(word: str, text: str) -> None:
    command = Command(program="rsync", argv=("rsync", "-a", word, "y"), effect=Effect.CHANGE, dynamic=True)
    found = TABLE.form_of(command)
    assert found is not None
    assert text_of(found) == text
