"""The outcome in plain words, without a model: the result first, then what it rests on, then what to do next."""

from collections.abc import Iterable
from typing import Final

from itops.agents.base_agent import AnswerRequest
from itops.domain.outcome import Answer, Outcome, Step, SubtaskReport
from itops.domain.result import Output, Result, ResultState
from itops.domain.task import TaskState
from itops.domain.verdict import Decision, Verdict

_HEAD_LINES: Final = 20
_TAIL_LINES: Final = 6
_TARGETS_SHOWN: Final = 5
_INDENT: Final = "    "
_DONE: Final = {
    TaskState.SUCCEEDED: "done",
    TaskState.ANSWERED: "answered",
    TaskState.PLANNED: "planned",
    TaskState.FAILED: "failed",
    TaskState.DENIED: "denied by policy",
    TaskState.CANCELLED: "not done",
    TaskState.UNKNOWN: "not known whether it was done",
    TaskState.NO_INSTRUCTION: "no instruction covers it",
}
_NEXT: Final = {
    TaskState.FAILED: "Next: look at the error above, then send the request again.",
    TaskState.DENIED: "Next: ask for something that policy allows; a denial can't be approved.",
    TaskState.UNKNOWN: "Next: look at the target, then `itops tasks resolve`.",
    TaskState.PLANNED: "Nothing ran. To run it, send the same request without --dry-run.",
    TaskState.NO_INSTRUCTION: "Next: say it in other words, add an instruction for it, or set a model.",
}
_ENDED: Final = {
    ResultState.FAILED: "failed",
    ResultState.TIMED_OUT: "ran out of time and was stopped",
    ResultState.CANCELLED: "was cancelled",
    ResultState.UNREACHABLE: "did not run: the target was not reached",
    ResultState.UNKNOWN: "has an unknown outcome: it may or may not have run",
}


def template_answer(request: AnswerRequest) -> Answer:
    """The outcome in words, naming the instructions and commands it rests on."""
    outcome = request.outcome
    many = len(outcome.reports) > 1
    paragraphs = [_headline(outcome)]
    paragraphs += [_report(report, f"{n}. " if many else "") for n, report in enumerate(outcome.reports, start=1)]
    paragraphs.append(_NEXT.get(outcome.state, ""))
    steps = [step for report in outcome.reports for step in report.steps]
    refs = [ref.id for step in steps if (ref := step.script.instruction or step.script.based_on)]
    return Answer(
        text="\n\n".join(paragraph for paragraph in paragraphs if paragraph),
        instructions=tuple(dict.fromkeys(refs)),
        commands=tuple(dict.fromkeys(step.script.text.strip() for step in steps if step.results)),
    )


def failure_of(step: Step) -> str:
    """Why a step that ran did not succeed, in one line for each target."""
    return "; ".join(_failed(result) for result in step.results if result.state is not ResultState.SUCCEEDED)


def _headline(outcome: Outcome) -> str:
    """What the reports alone don't say."""
    if outcome.state is TaskState.NO_INSTRUCTION:
        near = ", ".join(f"{nearest.id} ({nearest.title})" for nearest in outcome.nearest)
        return f"I have no instruction for “{outcome.because}”." + (f" The nearest are: {near}." if near else "")
    told = any(report.steps or report.because for report in outcome.reports)
    return "" if told else outcome.because


def _report(report: SubtaskReport, number: str) -> str:
    """One subtask: its result first where it went well, else what stopped it."""
    title, basis = _title(report), _basis(report.steps)
    if not report.steps:
        because = f": {report.because}" if report.because else ""
        return f"{number}{title} - {_DONE.get(report.state, report.state.value)}{because}"
    lines = [f"{number}{title} - {_status(report)}"]
    for step in report.steps:
        lines += _step(step)
    return "\n".join([*lines, f"From {basis}." if basis else ""]).rstrip()


def _status(report: SubtaskReport) -> str:
    targets = list(dict.fromkeys(result.target for step in report.steps for result in step.results))
    more = f" and {len(targets) - _TARGETS_SHOWN} more" if len(targets) > _TARGETS_SHOWN else ""
    where = f" on {', '.join(targets[:_TARGETS_SHOWN])}{more}" if targets else ""
    verified = any(step.script.block == "verify" and step.succeeded for step in report.steps)
    ending = ", and verified" if verified else ""
    return f"{_DONE.get(report.state, report.state.value)}{where}{ending}" + (":" if _shows(report) else ".")


def _shows(report: SubtaskReport) -> bool:
    return any(_step(step) for step in report.steps)


def _title(report: SubtaskReport) -> str:
    purposes = (step.script.purpose for step in report.steps if step.script.block == "run")
    return next((purpose for purpose in purposes if purpose), report.subtask.words)


def _basis(steps: Iterable[Step]) -> str:
    """The instruction a report rests on, with its values."""
    for step in steps:
        if step.script.instruction:
            values = ", ".join(f"{name}={value}" for name, value in step.script.parameters.items())
            return f"instruction {step.script.instruction.id}" + (f" with {values}" if values else "")
    return ""


def _step(step: Step) -> list[str]:
    """What one script brought; a verification that passed has nothing to add."""
    if not step.results:
        return _not_run(step)
    if step.script.block == "verify":
        return [] if step.succeeded else [f"It ran, but its verification did not pass: {failure_of(step)}"]
    lines: list[str] = []
    for result in step.results[:_TARGETS_SHOWN]:
        named = [f"{result.target}:"] if len(step.results) > 1 else []
        lines += [*named, *_outcome_of(result)]
    rest = step.results[_TARGETS_SHOWN:]
    failed = sum(result.state is not ResultState.SUCCEEDED for result in rest)
    return [*lines, f"… and {len(rest)} more targets, {failed} of them without success."] if rest else lines


def _outcome_of(result: Result) -> list[str]:
    if result.state is ResultState.SUCCEEDED:
        return _head(result.stdout) or _head(result.stderr)
    return [_failed(result), *_head(result.stdout)]


def _failed(result: Result) -> str:
    code = f" with exit code {result.exit_code}" if result.exit_code not in (None, 0) else ""
    note = f" ({result.note})" if result.note else ""
    said = " ".join(line.strip() for line in result.stderr.text.strip().splitlines()[-_TAIL_LINES:])
    ended = _ENDED.get(result.state, result.state.value)
    return f"The command {ended}{code} on {result.target}{note}" + (f": {said}" if said else ".")


def _not_run(step: Step) -> list[str]:
    """Why a script did not run, or what a dry run would have done."""
    script = [_INDENT + line for line in step.script.text.strip().splitlines()]
    if not step.refusal:
        weighed = f"Policy would {step.verdict.decision.value}: {step.verdict.effect.value}." if step.verdict else ""
        return [*script, *([weighed] if weighed else [])]
    return [step.refusal, *_rules(step.verdict), "It was not run:", *script]


def _rules(verdict: Verdict | None) -> list[str]:
    if verdict is None or verdict.decision is not Decision.DENY:
        return []
    return [
        f"Rule {reason.rule}: {reason.message}" + (f" Instead: {reason.instead}" if reason.instead else "")
        for reason in verdict.reasons
    ]


def _head(output: Output) -> list[str]:
    """The first lines of an output, as a block."""
    lines = output.text.rstrip().splitlines()
    shown = [(_INDENT + line).rstrip() for line in lines[:_HEAD_LINES]]
    more = len(lines) - len(shown)
    if more > 0 or output.truncated:
        shown.append(f"… and {more} more lines; `itops tasks show` has them." if more > 0 else "… cut.")
    return shown
