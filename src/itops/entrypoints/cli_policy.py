"""``itops policy``: whether the rules are in order, whether they say what is expected, and why they say it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itops.entrypoints.options import AsJson

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.policy.explanation import Explanation
    from itops.policy.policy_case import PolicyCase
    from itops.policy.policy_lint import LintReport

group = typer.Typer(help="What the rules say.")
PolicyDir = Annotated[
    Path | None, typer.Option("--policy-dir", help="The organisation's rules, in place of those in force.")
]


@group.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """What the rules say."""
    if context.invoked_subcommand is None:
        lint(None)


@group.command("lint")
def lint(
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A directory of rules; else those in force.")
    ] = None,
    *,
    json: AsJson = False,
) -> None:
    """Whether the policy is in order: 0, or 6 with file, rule and mend of each thing that is off."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json
    from itops.errors import PolicyError, UsageError

    if directory is not None and not directory.is_dir():
        raise UsageError(f"There is no directory {directory}.", mend="Name a directory that holds policy files.")

    async def work(house: "House") -> "LintReport":
        return house.lint_policy(directory)

    report = in_session(work)
    if json:
        print_json({"ok": not report.findings, **report.model_dump(mode="json")})
    else:
        _show_report(report)
    raise typer.Exit(PolicyError.exit_code if report.findings else 0)


@group.command("test")
def judge_cases(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Cases: commands and what policy must say of them.")],
    *,
    policy_dir: PolicyDir = None,
    json: AsJson = False,
) -> None:
    """Whether the policy says what a file of cases expects: 0, or 1 with each difference."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json, say

    cases = _cases(file)

    async def work(house: "House") -> list[tuple[int, str, str]]:
        judged = [await house.check(case.shell, case.command, case.asked) for case in cases]
        pairs = enumerate(zip(cases, judged, strict=True), 1)
        return [(place, case.command, said) for place, (case, one) in pairs for said in case.differences(one)]

    different = in_session(work, **({"policy_dir": policy_dir} if policy_dir else {}))
    if json:
        rows = [{"case": place, "command": command, "difference": said} for place, command, said in different]
        print_json({"ok": not different, "cases": len(cases), "differences": rows})
    else:
        say("\n".join([*(f"case {place}, {_line(command)}: {said}" for place, command, said in different)]))
        say(f"{len(cases)} cases, {len({place for place, _, _ in different})} of them judged otherwise.")
    raise typer.Exit(1 if different else 0)


@group.command("explain")
def explain(
    text: Annotated[
        str, typer.Argument(help="A command or script to explain; else standard input. It is not run.")
    ] = "",
    *,
    shell: Annotated[str, typer.Option(help="bash, powershell or aws.")] = "bash",
    json: AsJson = False,
) -> None:
    """Why a text is judged as it is: its commands, their effects and rules, what is hidden in it, the way back."""
    from datetime import UTC, datetime

    from itops.entrypoints.check import given_text
    from itops.entrypoints.policy_tree import show_tree
    from itops.entrypoints.session import in_session, local_person
    from itops.entrypoints.terminal import print_json
    from itops.policy.asked import Asked
    from itops.scripts.decoded_forms import decoded_forms

    language, command = given_text(text, shell)

    async def work(house: "House") -> "Explanation":
        return await house.explain(language, command, Asked(person=local_person(), now=datetime.now(UTC)))

    explained, decoded = in_session(work), decoded_forms(command, language)
    if json:
        print_json({**explained.model_dump(mode="json"), "decoded": [one.model_dump() for one in decoded]})
    else:
        show_tree(explained, decoded)


def _cases(file: Path) -> "list[PolicyCase]":
    """The cases; a file that is off is what the call's words are off by."""
    from itops.errors import PolicyError, UsageError
    from itops.policy.policy_case import load_cases

    try:
        return load_cases(file)
    except PolicyError as error:
        mend = "Correct the file; docs/guides/add-a-policy-rule.md shows what it holds."
        raise UsageError(error.what, world="Nothing was judged.", mend=mend) from error


def _show_report(report: "LintReport") -> None:
    from itops.entrypoints.terminal import say

    for finding in report.findings:
        rule = f", rule {finding.rule}" if finding.rule and f"rule {finding.rule}" not in finding.fault else ""
        place = "" if finding.file in finding.fault else f"{finding.file}{rule}: "
        say(f"{place}{finding.fault}\n  {finding.mend}")
    version = f" Its version is {report.version}." if report.version else ""
    state = "The policy is in order" if not report.findings else f"{len(report.findings)} things are off"
    say(f"{state}: {report.rules} rules were read.{version}")


def _line(command: str) -> str:
    from itops.conversation.event_view import visible

    plain = visible(" ".join(command.split()))
    return plain if len(plain) <= 80 else f"{plain[:77]}..."  # noqa: PLR2004 - a line's width
