"""Event to message, for every door alike: what a person is told, in plain words."""

import unicodedata
from functools import singledispatch
from typing import Literal

from itops.conversation.preview_view import preview_words
from itops.domain.approval import ApprovalState
from itops.domain.event import (
    ApprovalDecided,
    ApprovalRequested,
    CancelRequested,
    InstructionRated,
    InstructionsFound,
    NoInstructionFound,
    OutcomeDoubted,
    OutcomeResolved,
    PlanMade,
    QuestionAnswered,
    QuestionAsked,
    Record,
    RunFinished,
    RunIntended,
    ScriptJudged,
    ScriptProposed,
    ScriptReturned,
    TargetsResolved,
    TaskAnswered,
    TaskEnded,
    TaskEvent,
    TaskSubmitted,
)
from itops.domain.noun import Noun
from itops.domain.result import Output, Result, ResultState
from itops.domain.target import Target
from itops.domain.task import TaskState
from itops.domain.verdict import Decision, Verdict

Tone = Literal["plain", "good", "warn", "bad"]
Kind = Literal[
    "request", "plan", "progress", "script", "verdict", "approval", "output", "question", "reply", "answer", "end"
]

_TARGETS_SHOWN = 50
_UNSEEN = (
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Cn",
    "Zl",
    "Zp",
)  # controls, direction marks, what has no shape, line breaks of others


class Message(Noun):
    """What a person is told of one event. ``code`` is shown as it is; ``approval`` names what is to be decided."""

    kind: Kind
    text: str = ""
    code: str = ""
    language: str = ""
    tone: Tone = "plain"
    action: str = ""
    approval: str = ""


def message_of(record: Record) -> Message | None:
    """What to tell a person of this event; ``None`` where it is of no interest to them."""
    message = _message(record.event)
    return message and message.model_copy(update={"text": visible(message.text), "code": visible(message.code)})


def visible(text: str) -> str:
    """The text with nothing in it that a person can't see: an escape sequence could hide what they approve."""
    return "".join(
        letter if letter in "\n\t" or unicodedata.category(letter) not in _UNSEEN else ascii(letter)[1:-1]
        for letter in text.replace("\r\n", "\n")
    )


def _target_words(target: Target) -> str:
    told = ", ".join(word for word in (target.address, target.environment, target.platform.value) if word)
    guarded = ", protected" if "protected" in target.tags else ""
    return f"{target.name} ({told}{guarded})"


@singledispatch
def _message(event: TaskEvent) -> Message | None:
    del event
    return None


@_message.register
def _(event: TaskSubmitted) -> Message:
    return Message(kind="request", text=event.submitted.words)


@_message.register
def _(event: TargetsResolved) -> Message | None:
    """Where it will run, unless that is this machine alone."""
    if all(target.executor == "system" for target in event.targets):
        return None
    lines = [f"Runs on {len(event.targets)} target{'s' if len(event.targets) > 1 else ''}:"]
    lines += [f"- {_target_words(target)}" for target in event.targets[:_TARGETS_SHOWN]]
    more = len(event.targets) - _TARGETS_SHOWN
    return Message(kind="progress", text="\n".join([*lines, *([f"… and {more} more"] if more > 0 else [])]))


@_message.register
def _(event: PlanMade) -> Message:
    lines = [f"{number}. {subtask.words}" for number, subtask in enumerate(event.plan.subtasks, start=1)]
    return Message(kind="plan", text="\n".join(lines))


@_message.register
def _(event: InstructionsFound) -> Message | None:
    if not event.found:
        return None
    best = event.found[0]
    return Message(kind="progress", text=f"Found instruction {best.id}: {best.title} ({best.score:.2f})")


@_message.register
def _(event: NoInstructionFound) -> Message:
    nearest = "\n".join(f"- {near.id}: {near.title} ({near.score:.2f})" for near in event.missing.nearest)
    text = f"I have no instruction for: {event.missing.words}"
    return Message(kind="progress", tone="warn", text=f"{text}\nThe nearest are:\n{nearest}" if nearest else text)


@_message.register
def _(event: ScriptProposed) -> Message:
    where = ", ".join(target.name for target in event.script.targets)
    source = ""
    if event.script.instruction:
        source = f" (instruction {event.script.instruction.id}, version {event.script.instruction.version[:8]})"
    elif event.script.based_on:
        source = f" (written after instruction {event.script.based_on.id}, but not an exact instance of it)"
    return Message(
        kind="script",
        text=f"{event.title or 'Script'} on {where}{source}",
        code=event.script.text,
        language=event.script.language,
        action=event.action,
    )


@_message.register
def _(event: ScriptReturned) -> Message:
    return Message(kind="progress", tone="warn", text=f"Sent back before judgement: {event.because}")


@_message.register
def _(event: ScriptJudged) -> Message:
    tone: dict[Decision, Tone] = {Decision.ALLOW: "good", Decision.ASK: "warn", Decision.DENY: "bad"}
    return Message(
        kind="verdict", text=verdict_words(event.verdict), tone=tone[event.verdict.decision], action=event.action
    )


@_message.register
def _(event: ApprovalRequested) -> Message:
    until = event.approval.expires_at.strftime("%H:%M:%S UTC")
    return Message(
        kind="approval",
        text=f"Approve exactly this script? (approval {event.approval.id}, until {until})",
        code=preview_words(event.preview) if event.preview else "",
        tone="warn",
        action=event.approval.action,
        approval=event.approval.id,
    )


@_message.register
def _(event: ApprovalDecided) -> Message | None:
    approval = event.approval
    by = approval.decided_by.id if approval.decided_by else "nobody"
    reason = f": {approval.reason}" if approval.reason else ""
    words: dict[ApprovalState, tuple[str, Tone]] = {
        ApprovalState.APPROVED: (f"Approved by {by}{reason}", "good"),
        ApprovalState.REJECTED: (f"Rejected by {by}{reason}", "bad"),
        ApprovalState.EXPIRED: ("The approval expired: nobody decided in time. Nothing ran.", "bad"),
        ApprovalState.WITHDRAWN: (f"The approval was withdrawn{reason}", "warn"),
    }
    if approval.state not in words:
        return None
    text, tone = words[approval.state]
    return Message(kind="progress", text=text, tone=tone, action=approval.action)


@_message.register
def _(event: RunIntended) -> Message:
    return Message(kind="progress", text=f"Running on {event.target} (attempt {event.attempt})", action=event.action)


@_message.register
def _(event: RunFinished) -> Message:
    tone: Tone = "good" if event.result.state is ResultState.SUCCEEDED else "bad"
    return Message(
        kind="output",
        text=result_words(event.result),
        code=output_words(event.result.stdout, event.result.stderr),
        tone=tone,
        action=event.action,
    )


@_message.register
def _(event: OutcomeDoubted) -> Message:
    return Message(
        kind="approval",
        tone="bad",
        text=(
            f"Whether it ran on {', '.join(event.targets)} is not known, and it is not run again by itself. "
            f"Look there, then: itops tasks resolve {event.task} --as done|not-done --reason TEXT"
        ),
        action=event.action,
    )


@_message.register
def _(event: OutcomeResolved) -> Message:
    seen = "it was done" if event.done else "it was not done"
    return Message(kind="progress", text=f"{event.by.id} looked: {seen} ({event.reason})", action=event.action)


@_message.register
def _(event: QuestionAsked) -> Message:
    return Message(kind="question", text=event.question.text, tone="warn")


@_message.register
def _(event: QuestionAnswered) -> Message:
    return Message(kind="reply", text=event.answer or "Nobody answered in time.")


@_message.register
def _(event: CancelRequested) -> Message:
    return Message(kind="progress", tone="warn", text=f"{event.by.id} wants the task to stop. {event.reason}".strip())


@_message.register
def _(event: InstructionRated) -> Message:
    comment = f": {event.comment}" if event.comment else ""
    tone: Tone = "good" if event.opinion == "helped" else "warn"
    return Message(
        kind="progress", tone=tone, text=f"{event.by.id} says of {event.instruction.id}: {event.opinion}{comment}"
    )


@_message.register
def _(event: TaskAnswered) -> Message:
    return Message(kind="answer", text=event.answer.text)


@_message.register
def _(event: TaskEnded) -> Message:
    good = (TaskState.SUCCEEDED, TaskState.PLANNED, TaskState.ANSWERED)
    return Message(kind="end", text=event.state.value, tone="good" if event.state in good else "bad")


def verdict_words(verdict: Verdict) -> str:
    """A verdict for people: the decision first, then each reason."""
    lines = [f"{verdict.decision.value} (effect: {verdict.effect.value})"]
    lines += [f"- {reason.message} [{reason.rule}]" for reason in verdict.reasons]
    lines += [f"  instead: {reason.instead}" for reason in verdict.reasons if reason.instead]
    lines += [f"  dry run{'' if each.is_read else ' (which asks itself)'}: {each.form}" for each in verdict.dry_runs]
    return "\n".join(lines)


def result_words(result: Result) -> str:
    """How a run ended, in one line."""
    code = "" if result.exit_code is None else f", exit code {result.exit_code}"
    note = f" ({result.note})" if result.note else ""
    return f"{result.state.value.replace('_', ' ')} on {result.target}{code}, {result.seconds:.1f} s{note}"


def output_words(stdout: Output, stderr: Output) -> str:
    """Both streams, as a person reads them at a terminal."""
    parts = [stdout.text.rstrip(), stderr.text.rstrip()]
    return "\n".join(part for part in parts if part)
