"""What a verdict says of harmless forms, and that a form is a read only where policy says so."""

from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import pytest

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Language
from itops.domain.script import Command, Facts, Script
from itops.domain.target import Platform, Target
from itops.domain.verdict import DryRun, Verdict
from itops.policy.dry_run import DryRuns, Form, ProgramForms
from itops.policy.example import command_of
from itops.policy.harmless import Harmless, load_harmless
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.scripts import Scripts


@cache
def engine() -> PolicyEngine:
    return PolicyEngine(load_policy(), valid_for=timedelta(minutes=5))


async def judged(text: str, language: Language = "bash") -> Verdict:
    target = Target(name="local", platform=Platform.LINUX)
    return engine().judge(
        script=Script(language=language, text=text, targets=(target,)),
        facts=await Scripts().read(language, text),
        person=Person(id="ann"),
        auto="read",
        instance_of=None,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("sudo apt-get install -y nginx", "sudo apt-get --simulate install -y nginx"),
        ("lvextend -L +5G vg/lv", "lvextend --test -L +5G vg/lv"),
        ("kubectl apply -f x.yaml", "kubectl apply --dry-run=server -f x.yaml"),
        ("zfs destroy -r tank/x@old", "zfs destroy -n -v -r tank/x@old"),
        (
            "aws --region eu-west-1 ec2 stop-instances --instance-ids i-1",
            "aws --region eu-west-1 ec2 stop-instances --dry-run --instance-ids i-1",
        ),
    ],
)
async def test_a_form_that_policy_judges_a_read(text: str, form: str) -> None:
    verdict = await judged(text)
    assert [(each.form, each.is_read) for each in verdict.dry_runs] == [(form, True)]


@pytest.mark.parametrize("text", ["make install", "puppet agent -t", "git push origin main"])
async def test_a_form_that_may_do_something_is_only_shown(text: str) -> None:
    assert [each.is_read for each in (await judged(text)).dry_runs] == [False]


async def test_each_command_has_its_form() -> None:
    verdict = await judged("apt-get install -y nginx\nsystemctl reload nginx\nrsync -a /a /b")
    assert [each.form for each in verdict.dry_runs] == [
        "apt-get --simulate install -y nginx",
        "rsync --dry-run -a /a /b",
    ]


async def test_a_cmdlet_says_what_it_would_do() -> None:
    verdict = await judged("Stop-Service -Name 'Print Spooler'", "powershell")
    shown = "`Stop-Service -Name Print Spooler`"
    assert verdict.dry_runs == (DryRun(command=shown, form="Stop-Service -Name 'Print Spooler' -WhatIf", is_read=True),)


def test_the_tables_are_loaded_and_count_for_the_version() -> None:
    digest = sha256()
    harmless = load_harmless(load_policy().table, digest)
    facts = [Facts(commands=(changing(text),)) for text in ("rsync -a /a /b", "Stop-Service x", "touch /x")]
    assert [bool(harmless.forms_of(each)) for each in facts] == [True, True, False]
    assert [harmless.local_files.alone_in(each, load_policy().table.secrets, ()) for each in facts][1:] == [False, True]
    assert digest.hexdigest() != sha256().hexdigest()


def test_a_form_is_judged_anew_and_a_read_needs_none() -> None:
    group = ProgramForms(program=("x",), forms=(Form(add=("-n",), match={"x": "x -n"}),))
    harmless = Harmless(DryRuns([group]))
    changes, reads = changing("x a"), changing("x b").model_copy(update={"effect": Effect.READ})
    [(command, form)] = harmless.forms_of(Facts(commands=(changes, reads, changes, changing("x -"), changing("y | x"))))
    assert command == changes
    assert (form.argv, form.effect, form.why) == (("x", "-n", "a"), Effect.UNKNOWN, "")


def changing(text: str) -> Command:
    return command_of(text).model_copy(update={"effect": Effect.CHANGE, "why": "it does"})


@pytest.mark.parametrize("text", ["df -h", "cat x | kubectl apply -f -", "rsync -n /a /b", "mkfs.ext4 /dev/sda1"])
async def test_none_where_nothing_asks_or_the_form_would_not_be_the_same(text: str) -> None:
    assert (await judged(text)).dry_runs == ()
