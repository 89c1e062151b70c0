from itops.agents.base_agent import AnswerRequest
from itops.agents.template_answer import template_answer
from itops.domain.instruction import InstructionRef
from itops.domain.outcome import Outcome, Step, SubtaskReport
from itops.domain.plan import NearestInstruction, ScriptProposal, Subtask
from itops.domain.result import ResultState
from itops.domain.task import TaskState
from itops.domain.verdict import Decision, Reason
from itops.testing.agent_requests import step, task

REF = InstructionRef(id="linux.disk.usage", version="1")


def proposal(text: str = "du /var", **more: object) -> ScriptProposal:
    made = ScriptProposal(
        language="bash", text=text, purpose="Show disk usage", instruction=REF, parameters={"path": "/var"}
    )
    return made.model_copy(update=more)


def report(*steps: Step, state: TaskState = TaskState.SUCCEEDED, because: str = "") -> SubtaskReport:
    return SubtaskReport(subtask=Subtask(words="show usage"), state=state, steps=steps, because=because)


def answer(*reports: SubtaskReport, state: TaskState = TaskState.SUCCEEDED, **more: object) -> str:
    outcome = Outcome(state=state, reports=reports).model_copy(update=more)
    return template_answer(AnswerRequest(task=task("x"), outcome=outcome)).text


def test_the_result_comes_first_then_what_it_rests_on() -> None:
    assert answer(report(step(proposal(), stdout="5G /var/lib\n1G /var/log\n"))) == (
        "Show disk usage - done on local:\n"
        "    5G /var/lib\n"
        "    1G /var/log\n"
        "From instruction linux.disk.usage with path=/var."
    )


def test_instructions_and_commands_are_named_once() -> None:
    steps = (step(proposal()), step(proposal()), step(proposal("never"), refusal="no"))
    outcome = Outcome(state=TaskState.SUCCEEDED, reports=(report(*steps),))
    made = template_answer(AnswerRequest(task=task("x"), outcome=outcome))
    assert made.instructions == ("linux.disk.usage",)
    assert made.commands == ("du /var",)


def test_a_long_output_is_its_head_and_how_much_more_there_is() -> None:
    text = answer(report(step(proposal(), stdout="\n".join(f"line {n}" for n in range(100)))))
    assert "    line 19\n" in text
    assert "line 20" not in text
    assert "80 more lines" in text


def test_a_change_without_output_says_that_it_is_done_and_verified() -> None:
    text = answer(report(step(proposal()), step(proposal("id", block="verify"), stdout="x")))
    assert text.startswith("Show disk usage - done on local, and verified.")


def test_several_parts_are_numbered() -> None:
    text = answer(report(step(proposal())), report(step(proposal())))
    assert text.startswith("1. Show disk usage")
    assert "\n\n2. Show disk usage" in text


def test_a_failure_says_the_exit_code_the_error_and_what_to_do() -> None:
    failed = step(proposal(), stderr="a\nno such file\n", exit_code=2)
    text = answer(report(failed, state=TaskState.FAILED), state=TaskState.FAILED)
    assert "Show disk usage - failed on local:" in text
    assert "The command failed with exit code 2 on local: a no such file" in text
    assert text.endswith("Next: look at the error above, then send the request again.")


def test_a_verification_that_fails_is_told_apart_from_the_command() -> None:
    steps = (step(proposal()), step(proposal("id", block="verify"), exit_code=1))
    text = answer(report(*steps, state=TaskState.FAILED), state=TaskState.FAILED)
    assert "It ran, but its verification did not pass: The command failed with exit code 1 on local." in text
    assert "verified." not in text


def test_a_denial_names_the_rule_and_what_to_do_instead() -> None:
    denied = step(proposal(), refusal="Policy denies it.")
    assert denied.verdict
    reasons = (Reason(rule="no-rm-root", message="It deletes everything.", instead="Delete less."),)
    verdict = denied.verdict.model_copy(update={"decision": Decision.DENY, "reasons": reasons})
    text = answer(
        report(denied.model_copy(update={"verdict": verdict}), state=TaskState.DENIED), state=TaskState.DENIED
    )
    assert "Rule no-rm-root: It deletes everything. Instead: Delete less." in text
    assert "It was not run:\n    du /var" in text
    assert "Next: ask for something that policy allows" in text


def test_a_rejection_says_who_and_why() -> None:
    rejected = step(proposal(), refusal="Rejected by eve: not on Fridays")
    text = answer(report(rejected, state=TaskState.CANCELLED), state=TaskState.CANCELLED)
    assert "Show disk usage - not done:" in text
    assert "Rejected by eve: not on Fridays" in text


def test_a_dry_run_shows_the_script_and_the_verdict() -> None:
    dry = step(proposal()).model_copy(update={"results": ()})
    text = answer(report(dry, state=TaskState.PLANNED), state=TaskState.PLANNED)
    assert "    du /var\nPolicy would allow: read." in text
    assert "Nothing ran." in text


def test_words_that_nothing_covers_name_the_nearest() -> None:
    near = (NearestInstruction(id="a.b", title="Do B", score=0.3),)
    text = answer(state=TaskState.NO_INSTRUCTION, because="bake a cake", nearest=near)
    assert text.startswith("I have no instruction for “bake a cake”. The nearest are: a.b (Do B).")


def test_an_unknown_outcome_asks_for_a_look() -> None:
    one = step(proposal())
    unknown = one.results[0].model_copy(update={"state": ResultState.UNKNOWN, "exit_code": None, "note": "Host lost."})
    text = answer(
        report(one.model_copy(update={"results": (unknown,)}), state=TaskState.UNKNOWN), state=TaskState.UNKNOWN
    )
    assert "has an unknown outcome: it may or may not have run on local (Host lost.)" in text
    assert "itops tasks resolve" in text


def test_many_targets_are_shown_in_part() -> None:
    one = step(proposal(), stdout="5G")
    results = tuple(one.results[0].model_copy(update={"target": f"web{n}"}) for n in range(8))
    text = answer(report(one.model_copy(update={"results": results})))
    assert "web0:\n    5G" in text
    assert "… and 3 more targets, 0 of them without success." in text
    assert "web7:" not in text


def test_an_error_that_ended_it_is_said() -> None:
    assert answer(state=TaskState.FAILED, because="The disk is full.").startswith("The disk is full.")
