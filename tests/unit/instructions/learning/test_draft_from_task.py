from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction, Parameter, SecretSpec
from itops.domain.outcome import Step
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task
from itops.domain.verdict import Decision, Verdict
from itops.errors import InvalidInstruction, UsageError
from itops.instructions.learning.draft_from_task import Finished, draft
from itops.instructions.runbooks.runbook_loader import lint, parse, to_markdown
from itops.scripts.bash_reader import read_bash
from itops.scripts.renderer import placeholders, render

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "instructions" / "drafts.yaml").read_text())
NOW = datetime(2026, 1, 2, tzinfo=UTC)
HERE = Target(name="local", platform=Platform.LINUX)
FOR_PEOPLE = (
    "No verify block shows that its",
    "The run block: Line 1: an error does not end the block; begin with $Err",
)


def step(text: str, effect: str = "change", *, state: ResultState = ResultState.SUCCEEDED, **more: Any) -> Step:
    script = Script(**{"language": "bash", "text": text, "targets": (HERE,), **more})
    verdict = Verdict(
        decision=Decision.ASK,
        effect=Effect(effect),
        reasons=(),
        digest=script.digest,
        policy_version="1",
        judged_at=NOW,
        expires_at=NOW,
    )
    return Step(script=script, verdict=verdict, results=(Result(target="local", state=state, attempt="a"),))


def task(words: str) -> Task:
    return Task(id="t1", words=words, requester=Person(id="ann"), submitted_at=NOW)


def made(words: str, *steps: Step, title: str = "", **more: Any) -> Instruction:
    return draft(Finished(task(words), steps, **more), identity="a.new", title=title)


def of(case: dict[str, Any]) -> Instruction:
    steps = [
        step(text, case.get("effect", "change"), language=case.get("language", "bash")) for text in case["scripts"]
    ]
    return made(case["words"], *steps, answers=tuple(case.get("answers", ())))


def shown(parameter: Parameter) -> str:
    return parameter.example if parameter.type == parameter.name else f"{parameter.example} ({parameter.type})"


def text_of(instruction: Instruction, kind: Any) -> str:
    block = instruction.block(kind)
    return block.text if block else ""


def test_there_are_cases_enough():
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["words"])
def test_what_a_task_becomes(case):
    instruction = of(case)
    assert {each.name: shown(each) for each in instruction.parameters} == case["parameters"]
    assert text_of(instruction, "run") == case["run"]
    assert text_of(instruction, "verify") == case.get("verify", "")
    assert instruction.phrases == (case["phrase"],)
    assert [name for name in case.get("left", ()) if f"`{name}`" not in instruction.prose] == []
    assert ("still stand in it" in instruction.prose) is ("left" in case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["words"])
def test_a_draft_comes_back_from_its_text_and_is_clean(case):
    instruction = of(case)
    assert parse(to_markdown(instruction), origin="x") == instruction
    assert [finding for finding in lint(instruction) if not finding.startswith(FOR_PEOPLE)] == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("language", "bash") == "bash"], ids=lambda case: case["words"]
)
def test_a_draft_with_the_values_of_its_task_runs_what_the_task_ran(case):
    instruction = of(case)
    values = {each.name: each.example for each in instruction.parameters}
    template = text_of(instruction, "run")
    again = read_bash(render(template, "bash", {name: values[name] for name in placeholders(template)}))
    ran = [command for text in case["scripts"] for command in read_bash(text).commands]
    assert [command.argv for command in again.commands] == [command.argv for command in ran]
    assert not again.problems or read_bash("\n".join(case["scripts"])).problems


def test_the_prose_says_where_it_comes_from_and_what_to_look_at():
    prose = made("lock bob", step("usermod -L bob")).prose
    assert "Saved from task t1 of 2026-01-02, which succeeded; no instruction covered its scripts." in prose
    assert "Read every line before you publish it" in prose
    assert "The verify block is a suggestion" in prose


def test_what_failed_is_left_out_and_what_ran_twice_stands_once():
    steps = (step("false", state=ResultState.FAILED), step("useradd bob"), step("useradd bob"))
    assert text_of(made("make bob", *steps), "run") == "useradd {{ user }}"


def test_the_effect_is_the_heaviest_and_what_could_not_be_read_counts_as_the_worst():
    assert made("x", step("ls", "read"), step("mkdir /x")).effect is Effect.CHANGE
    unread = made("x", step("ls", "read"), step("eval $x", "unknown"))
    assert unread.effect is Effect.DESTROY
    assert "could not be read" in unread.prose


def test_a_title_is_the_persons_and_else_made_of_the_words():
    assert made("lock bob", step("usermod -L bob"), title=" Lock\nhim ").title == "Lock him"
    assert made("LDAP is down, restart slapd", step("systemctl restart slapd")).title.startswith("LDAP is down")
    assert made("please", step("mkdir /x")).title == "a.new"
    assert len(made("word " * 3_000, step("mkdir /x")).title) <= 100


KNOWN = Instruction(
    id="a.lock",
    title="Lock",
    platform=Platform.LINUX,
    parameters=(Parameter(name="login", type="user", description="Who", phrases=("lock {}",)),),
    blocks=(Block(kind="run", language="bash", text="usermod -L {{ login }}"),),
)
EXACT = {"instruction": KNOWN.ref, "parameters": {"login": "bob"}}


def test_several_instructions_become_one_with_their_own_parameters_and_checks():
    lock = step("usermod -L bob", **EXACT)
    check = step("passwd -S bob | grep L", "read", block="verify", **EXACT)
    expire = step("chage -E 0 bob")
    instruction = made("let bob go", lock, check, expire, sources={"a.lock": KNOWN})
    assert text_of(instruction, "run") == "usermod -L {{ login }} &&\nchage -E 0 {{ login }}"
    assert text_of(instruction, "verify") == "passwd -S {{ login }} | grep L"
    assert instruction.parameters[0].description == "Who"
    assert "its scripts came from a.lock" in instruction.prose
    assert "suggestion" not in instruction.prose


def test_a_changed_instance_is_saved_with_the_parameters_of_its_source():
    changed = step("usermod -L bob; pkill -u bob", based_on=KNOWN.ref, parameters={"login": "bob"})
    instruction = made("lock bob", changed, sources={"a.lock": KNOWN})
    assert text_of(instruction, "run") == "usermod -L {{ login }}; pkill -u {{ login }}"


@pytest.mark.parametrize(
    ("steps", "because"),
    [
        ([], "No script of task t1 succeeded"),
        ([step("x", state=ResultState.UNKNOWN)], "No script of task t1 succeeded"),
        ([step("usermod -L bob", **EXACT)], "exactly what the instruction a.lock says"),
        ([step("a"), step("b", language="powershell")], r"can't be one"),
        ([step("a", secrets=(SecretSpec(name="p", generate=True),)), step("b")], "is given a secret"),
        ([step("echo '{{ name }}'")], r"holds \{\{ name \}\}"),
    ],
)
def test_what_can_not_be_saved(steps, because):
    with pytest.raises(UsageError, match=because) as refusal:
        made("lock bob", *steps)
    assert "Nothing was saved" in refusal.value.world


def test_a_secret_of_the_only_script_goes_along():
    secret = SecretSpec(name="password", generate=True)
    assert made("x", step("chpasswd", secrets=(secret,))).secrets == (secret,)


def test_an_id_that_is_none_is_refused_with_its_mend():
    with pytest.raises(InvalidInstruction, match="can't be an id"):
        draft(Finished(task("x"), (step("mkdir /x"),)), identity="No Id")


def test_targets_of_several_platforms_make_an_instruction_for_any():
    there = HERE.model_copy(update={"name": "w", "platform": Platform.WINDOWS})
    assert made("x", step("mkdir /x")).platform is Platform.LINUX
    assert made("x", step("mkdir /x", targets=(HERE, there))).platform is Platform.ANY
