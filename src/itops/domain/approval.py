"""A person's approval, and the type that permission is."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from itops.domain.identity import Person
from itops.domain.noun import Noun
from itops.domain.permission import Permission
from itops.domain.script import Script
from itops.domain.verdict import Decision, Verdict
from itops.errors import NotPermitted, PermissionExpired


class ApprovalState(StrEnum):
    """Where an approval stands. ``redeemed`` is an approval that has been used up."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REDEEMED = "redeemed"
    WITHDRAWN = "withdrawn"


class Approval(Noun):
    """A question to a person about exactly one digest, and its answer.

    ``action`` is the place in the task where it is asked (``TASK-N``); it is also what redeems it, once.
    """

    id: str
    task: str
    action: str
    digest: str
    policy_version: str
    requester: Person
    requested_at: datetime
    expires_at: datetime
    state: ApprovalState = ApprovalState.PENDING
    decided_by: Person | None = None
    decided_at: datetime | None = None
    redeemed_at: datetime | None = None
    reason: str = ""


class ApprovedScript(Permission):
    """A script that may run: made only by ``permit``, which checks the verdict and the approval against it."""

    __slots__ = ("approval", "script", "verdict")
    named = "An approved script"
    script: Script
    verdict: Verdict
    approval: Approval | None

    @classmethod
    def permit(cls, script: Script, verdict: Verdict, approval: Approval | None, *, now: datetime) -> Self:
        """The script as permitted at ``now``.

        Raises:
            NotPermitted: verdict or approval is of another script, or does not permit it. Nothing ran.
            PermissionExpired: they did permit it, but too long ago. Nothing ran.
        """
        if verdict.digest != script.digest:
            raise NotPermitted("The verdict is of another script than the one to run.")
        if verdict.decision is Decision.DENY:
            raise NotPermitted("Policy denies this script.")
        if verdict.decision is Decision.ASK:
            _check_approval(script, verdict, approval, now)
        elif now >= verdict.expires_at:
            raise PermissionExpired("The verdict on this script has expired.")
        return cls._made(script=script, verdict=verdict, approval=approval)


def _check_approval(script: Script, verdict: Verdict, approval: Approval | None, now: datetime) -> None:
    if approval is None:
        raise NotPermitted("This script needs a person's approval and has none.")
    if approval.digest != script.digest:
        raise NotPermitted("The approval is of another script than the one to run.")
    if approval.policy_version != verdict.policy_version:
        raise NotPermitted("The policy has changed since the approval was asked for.")
    if approval.state not in (ApprovalState.APPROVED, ApprovalState.REDEEMED):
        raise NotPermitted(f"The approval of this script is {approval.state.value}.")
    if now >= approval.expires_at:
        raise PermissionExpired("The approval of this script has expired.")
