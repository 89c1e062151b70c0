"""``itops approvals``: scripts that wait for a person."""

from typing import TYPE_CHECKING, Annotated

import typer

from itops.entrypoints.options import AsJson, Reason

if TYPE_CHECKING:
    from itops.bootstrap import House

group = typer.Typer(help="Scripts that wait for a person.")
ApprovalId = Annotated[str, typer.Argument(metavar="ID", help="The approval's id.")]


@group.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """Scripts that wait for a person."""
    if context.invoked_subcommand is None:
        list_()


@group.command("list")
def list_(*, json: AsJson = False) -> None:
    """What waits for a person."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import show_rows

    async def work(house: "House") -> list[dict[str, object]]:
        return [await _row(house, approval.id) for approval in await house.app.approvals()]

    show_rows(in_session(work), as_json=json)


@group.command("show")
def show(approval: ApprovalId, *, json: AsJson = False) -> None:
    """The exact script, its targets and its verdict."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.task_document import step_document
    from itops.entrypoints.terminal import Terminal, print_json

    async def work(house: "House") -> None:
        asked = await house.app.approval(approval)
        view = await house.app.status(asked.task)
        if json:
            print_json({**await _row(house, approval), **step_document(view, view.actions[asked.action])})
            return
        terminal = Terminal()
        for record in await house.journal.read(task=asked.task):
            if asked.action in (getattr(record.event, "action", ""), _asked_action(record.event)):
                terminal.show(record)

    in_session(work)


@group.command("approve")
def approve(approval: ApprovalId, *, reason: Reason = "", json: AsJson = False) -> None:
    """Approve exactly this script; the task goes on."""
    _decide(approval, reason, is_approved=True, as_json=json)


@group.command("reject")
def reject(
    approval: ApprovalId, *, reason: Annotated[str, typer.Option(help="Why not.")], json: AsJson = False
) -> None:
    """Reject this script; it does not run."""
    _decide(approval, reason, is_approved=False, as_json=json)


def _decide(approval: str, reason: str, *, is_approved: bool, as_json: bool) -> None:
    from itops.entrypoints.run_task import follow
    from itops.entrypoints.session import in_session, local_person

    async def work(house: "House") -> int:
        asked = await house.app.approval(approval)
        before = (await house.app.status(asked.task)).seq
        await house.app.decide(approval, approve=is_approved, by=local_person(), reason=reason)
        return await follow(house, asked.task, after=before, as_json=as_json)

    code = in_session(work)
    # Rejecting is what this person wanted: that the task then ends as cancelled is not an error of this command.
    raise typer.Exit(code if is_approved else 0)


def _asked_action(event: object) -> str:
    return str(getattr(getattr(event, "approval", None), "action", ""))


async def _row(house: "House", approval: str) -> dict[str, object]:
    asked = await house.app.approval(approval)
    view = await house.app.status(asked.task)
    action = view.actions[asked.action]
    return {
        "id": asked.id,
        "task": asked.task,
        "state": asked.state.value,
        "requester": asked.requester.id,
        "what": action.title,
        "targets": [target.name for target in action.script.targets],
        "effect": action.verdict.effect.value if action.verdict else "",
        "expires_at": asked.expires_at.isoformat(timespec="seconds"),
        "digest": asked.digest,
    }
