"""What an agent knows is told fully, but never at any length."""

from itops.agents import sections
from itops.agents.fencing import Section
from itops.domain.effect import Effect
from itops.domain.instruction import Parameter
from itops.domain.target import Platform, Target
from itops.domain.task import Turn
from itops.domain.verdict import Decision, Reason
from itops.testing.agent_requests import HERE, exchange, instruction, ranked, step, task

SHOW = instruction(
    "linux.dir.list",
    "List a directory",
    "ls {{ path }}",
    parameters=(
        Parameter(name="path", type="path", description="Where", example="/srv"),
        Parameter(name="lines", type="count", description="How many", default="5"),
    ),
    prose="Look first.",
)


def by_label(known: list[Section]) -> dict[str, str]:
    return {section.label: section.text for section in known}


def test_a_request_brings_what_was_said_and_where() -> None:
    asked = task("do it").model_copy(update={"history": (Turn(words="show", answer="shown"),)})
    known = by_label(sections.of_request(asked, (HERE,), (exchange("Which?", "this"),)))
    assert known == {
        "request": "do it",
        "earlier conversation": "person: show\nanswer: shown",
        "answers of the person": "Which?\nthe person answered: this",
        "targets": "local (linux)",
    }


def test_what_is_not_there_is_no_section() -> None:
    assert by_label(sections.of_request(task("do it"))) == {"request": "do it"}


def test_many_targets_are_counted() -> None:
    many = tuple(Target(name=f"web{number}", platform=Platform.LINUX) for number in range(25))
    assert by_label(sections.of_request(task("x"), many))["targets"].endswith("web19 (linux) and 5 more")


def test_titles_are_a_line_each() -> None:
    unlock = instruction("linux.user.unlock", "Unlock\nit", effect=Effect.CHANGE)
    assert sections.of_titles(ranked(SHOW, unlock)).text == (
        "linux.dir.list: List a directory (read) needs path, lines\nlinux.user.unlock: Unlock it (change)"
    )


def test_an_instruction_is_told_with_parameters_and_commands() -> None:
    section = sections.of_instruction(SHOW)
    assert section.label == "instruction linux.dir.list"
    assert section.text == (
        "title: List a directory\neffect: read\n"
        "parameter path (path): Where; required; looks like '/srv'\n"
        "parameter lines (count): How many; without it: '5'\n"
        "Look first.\nrun (bash):\nls {{ path }}"
    )


def test_a_step_is_told_with_its_result() -> None:
    section = sections.of_step("step 1", step("ls /x", "out", stderr="err", exit_code=2), limit=100)
    assert section.text == ("script (bash):\nls /x\nresult on local: failed, exit code 2\nstdout:\nout\nstderr:\nerr")


def test_a_step_that_did_not_run_says_why() -> None:
    assert (
        "did not run: rejected: too risky"
        in sections.of_step("s", step("x", refusal="rejected: too risky"), limit=9).text
    )


def test_a_denial_says_what_the_rules_say() -> None:
    denied = step("x", refusal="Policy denies it.")
    assert denied.verdict
    reasons = (Reason(rule="r", message="Never do this.", instead="Do that."),)
    verdict = denied.verdict.model_copy(update={"decision": Decision.DENY, "reasons": reasons})
    told = sections.of_step("s", denied.model_copy(update={"verdict": verdict}), limit=9).text
    assert told.endswith("did not run: Policy denies it.\npolicy: Never do this. Do that.")


def test_long_outputs_keep_head_and_tail() -> None:
    section = sections.of_step("s", step("x", "a" * 200_000 + "z"), limit=300)
    assert "stdout (of 200001 bytes):\naaa" in section.text
    assert section.text.endswith("az")
    assert len(section.text) < 500


def test_many_results_are_named() -> None:
    one = step("x", "same")
    many = one.model_copy(update={"results": one.results * 8})
    text = sections.of_step("s", many, limit=50).text
    assert text.count("stdout") == 5
    assert text.endswith("also: local succeeded, local succeeded, local succeeded")
