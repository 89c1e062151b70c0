"""A task as the JSON document of the command line's contract."""

from typing import Any

from itops.domain.result import Result
from itops.workflow.task_view import ActionView, TaskView


def document(view: TaskView) -> dict[str, Any]:
    """What ``itops run --json`` prints."""
    return {
        "task": view.id,
        "state": view.state.value,
        "agent": view.agent,
        "words": view.task.words if view.task else "",
        "targets": [target.model_dump(mode="json") for target in view.targets],
        "plan": [_subtask(view, number) for number in range(len(view.plan.subtasks) if view.plan else 0)],
        "steps": [step_document(view, action) for action in view.actions.values()],
        "question": _question(view),
        "answer": view.answer.text if view.answer else None,
        "because": view.ended.because if view.ended else "",
        "nearest": [near.model_dump(mode="json") for near in view.missing.nearest] if view.missing else [],
        "usage": view.usage.model_dump(mode="json"),
        "thoughts": [
            {"purpose": thought.purpose, "model": thought.model, "usage": thought.usage.model_dump(mode="json")}
            for thought in view.thoughts
        ],
    }


def summary(view: TaskView) -> dict[str, Any]:
    """A task in one row."""
    return {
        "task": view.id,
        "state": view.state.value,
        "requester": view.task.requester.id if view.task else "",
        "submitted_at": view.task.submitted_at.isoformat(timespec="seconds") if view.task else "",
        "words": view.task.words if view.task else "",
    }


def step_document(view: TaskView, action: ActionView) -> dict[str, Any]:
    """One script's way through a task."""
    verdict, approval = action.verdict, action.approval
    subtasks = view.plan.subtasks if view.plan else ()
    return {
        "subtask": subtasks[action.subtask].words if action.subtask < len(subtasks) else "",
        "instruction": action.script.instruction.id if action.script.instruction else None,
        "purpose": action.script.purpose,
        "script": {
            "language": action.script.language,
            "text": action.script.text,
            "digest": action.script.digest,
            "targets": [target.name for target in action.script.targets],
        },
        "verdict": verdict
        and {
            "verdict": verdict.decision.value,
            "effect": verdict.effect.value,
            "reasons": [reason.model_dump(mode="json") for reason in verdict.reasons],
        },
        "approval": approval
        and {
            "id": approval.id,
            "state": approval.state.value,
            "decided_by": approval.decided_by.id if approval.decided_by else None,
            "reason": approval.reason,
            "expires_at": approval.expires_at.isoformat(),
        },
        "dry_runs": [form.model_dump(mode="json") for form in verdict.dry_runs] if verdict else [],
        "preview": action.preview and action.preview.model_dump(mode="json"),
        "results": [_result(result) for result in action.results_in_order],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "target": result.target,
        "state": result.state.value,
        "exit_code": result.exit_code,
        "stdout": result.stdout.text,
        "stderr": result.stderr.text,
        "seconds": result.seconds,
        "note": result.note,
        "sandbox": result.sandbox,
    }


def _subtask(view: TaskView, number: int) -> dict[str, Any]:
    near = view.instruction_of(number)
    return {
        "subtask": view.plan.subtasks[number].words if view.plan else "",
        "instruction": near.id if near else None,
        "score": round(near.score, 3) if near else None,
    }


def _question(view: TaskView) -> str | None:
    if view.question is not None:
        return view.question.text
    if view.approval is not None:
        return f"Approve exactly this script? itops approvals approve {view.approval.id}"
    if view.doubted:
        return f"Was it done? Look, then: itops tasks resolve {view.id} --as done|not-done --reason TEXT"
    return None
