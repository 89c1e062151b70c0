"""Where people are asked for permission, and where it is taken up, once.

An approval leaves ``pending`` by an event in the journal: all ways out share one key, so the first one recorded holds,
whoever else decides at the same moment, and the store follows the journal. A crash between the two is mended by the
next call that touches the approval.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from itops.approval.approval_store import ApprovalStore
from itops.domain.approval import Approval, ApprovalState
from itops.domain.event import ApprovalDecided, ApprovalRequested, Journal
from itops.domain.identity import Person
from itops.domain.preview import Preview
from itops.domain.script import Script
from itops.domain.verdict import Decision, Verdict
from itops.errors import NotPermitted, PermissionExpired, UsageError

MayDecide: TypeAlias = Callable[[Approval, Person], str]


def anybody(approval: Approval, person: Person) -> str:
    """Everybody may decide, the requester too: the rule for one person on their own machine."""
    del approval, person
    return ""


class ApprovalDesk:
    """Asks for approvals, takes the answers, and gives each approval out once.

    An approval is bound to the digest of the script, the requester and the policy's version, and lasts ``minutes``.
    ``may_decide`` gives the reason why a person may not decide (four eyes), or nothing where they may; by default
    anybody may, the requester too, so that one person alone can work.
    """

    def __init__(
        self,
        store: ApprovalStore,
        journal: Journal,
        *,
        minutes: float,
        clock: Callable[[], datetime],
        may_decide: MayDecide = anybody,
    ) -> None:
        self._store = store
        self._journal = journal
        self._lifetime = timedelta(minutes=minutes)
        self._clock = clock
        self._may_decide = may_decide

    async def request(
        self,
        *,
        task: str,
        action: str,
        script: Script,
        verdict: Verdict,
        requester: Person,
        preview: Preview | None = None,
    ) -> Approval:
        """Ask for an approval of exactly this script; the one that is already pending or approved holds.

        ``preview`` is told with the question; it decides nothing.

        Raises:
            NotPermitted: policy denies the script, or judged another one; nobody is asked.
            StoreError: the question can't be recorded; nobody is asked.
        """
        if verdict.digest != script.digest:
            raise NotPermitted("The verdict is of another script than the one to ask about.")
        if verdict.decision is Decision.DENY:
            raise NotPermitted("Policy denies this script; a denial is not put to a person.")
        wanted = self._draft(task, action, verdict, requester)
        approval = await self._ask(wanted)
        await self._withdraw_others(approval)
        await self._journal.append(
            ApprovalRequested(task=task, key=f"{approval.id}.requested", approval=_as_asked(approval), preview=preview)
        )
        return approval

    async def decide(self, approval_id: str, *, approve: bool, by: Person, reason: str = "") -> Approval:
        """Answer a pending approval. A rejection wants a reason.

        Raises:
            UsageError: no such approval, no reason, or it was decided or expired before. What was decided stands.
            NotPermitted: this person may not decide. It is still pending.
            JournalError: the decision can't be recorded, so it does not hold.
        """
        if not approve and not reason.strip():
            raise UsageError("A rejection wants a reason.", world="The approval is still pending.")
        approval = await self.get(approval_id)
        if approval.state is ApprovalState.PENDING and self._clock() >= approval.expires_at:
            approval = await self._settle(approval, ApprovalState.EXPIRED)
        if approval.state is not ApprovalState.PENDING:
            raise _already(approval)
        if refusal := self._may_decide(approval, by):
            raise NotPermitted(refusal, world="The approval is still pending.", mend="Ask somebody who may decide.")
        state = ApprovalState.APPROVED if approve else ApprovalState.REJECTED
        decided = await self._settle(approval, state, by=by, reason=reason)
        if (decided.state, decided.decided_by) != (state, by):
            raise _already(decided)
        return decided

    async def redeem(self, approval_id: str, *, action: str) -> Approval:
        """Use an approval up for the one action it was asked for; the same action gets the same record again.

        Raises:
            NotPermitted: it is not approved, or was asked for another action. Nothing may run.
            PermissionExpired: it was not used in time. Nothing may run.
        """
        approval = await self.get(approval_id)
        if approval.action != action:
            raise NotPermitted(f"The approval {approval_id!r} is for another action.")
        if approval.state is ApprovalState.REDEEMED:
            return approval
        if approval.state is not ApprovalState.APPROVED:
            raise NotPermitted(f"The approval {approval_id!r} is {approval.state.value}.")
        now = self._clock()
        if now >= approval.expires_at:
            raise PermissionExpired(f"The approval {approval_id!r} expired at {approval.expires_at:%H:%M:%S %Z}.")
        redeemed = approval.model_copy(update={"state": ApprovalState.REDEEMED, "redeemed_at": now})
        if await self._store.put(redeemed, expected=ApprovalState.APPROVED):
            return redeemed
        return await self.get(approval_id)

    async def withdraw(self, approval_id: str, reason: str) -> Approval:
        """Take a pending question back; one that was answered stays as it is."""
        return await self._close(await self.get(approval_id), ApprovalState.WITHDRAWN, reason)

    async def expire(self, approval_id: str) -> Approval:
        """Stop waiting for an answer; one that was answered stays as it is."""
        return await self._close(await self.get(approval_id), ApprovalState.EXPIRED)

    async def expire_due(self) -> list[Approval]:
        """Expire every pending approval whose time is up; those that a person answered first are left out."""
        now = self._clock()
        waiting = await self._store.find(state=ApprovalState.PENDING)
        closed = [await self._close(each, ApprovalState.EXPIRED) for each in waiting if now >= each.expires_at]
        return [approval for approval in closed if approval.state is ApprovalState.EXPIRED]

    async def get(self, approval_id: str) -> Approval:
        """The approval as it stands.

        Raises:
            UsageError: there is none under this id.
        """
        approval = await self._store.get(approval_id)
        if approval is None:
            raise UsageError(f"There is no approval {approval_id!r}.", mend="`itops approvals list` names the pending.")
        return approval

    async def pending(self, task: str = "") -> list[Approval]:
        """What waits for a person now, oldest first, of one task or of all."""
        now = self._clock()
        waiting = await self._store.find(task=task, state=ApprovalState.PENDING)
        return [approval for approval in waiting if now < approval.expires_at]

    def _draft(self, task: str, action: str, verdict: Verdict, requester: Person) -> Approval:
        now = self._clock()
        return Approval(
            id=action,
            task=task,
            action=action,
            digest=verdict.digest,
            policy_version=verdict.policy_version,
            requester=requester,
            requested_at=now,
            expires_at=now + self._lifetime,
        )

    async def _ask(self, wanted: Approval) -> Approval:
        """The live approval of the same question, or a new one under the next id; who loses the id looks again."""
        while True:
            standing = await self._store.find(action=wanted.action)
            for approval in standing:
                if _question(approval) == _question(wanted) and _live(approval, wanted.requested_at):
                    return approval
            approval = wanted.model_copy(update={"id": f"{wanted.action}.{len(standing) + 1}"})
            if await self._store.put(approval, expected=None):
                return approval

    async def _withdraw_others(self, approval: Approval) -> None:
        """Nobody is left to answer about a script that this action would no longer run."""
        for other in await self._store.find(action=approval.action):
            if _question(other) != _question(approval):
                await self._close(other, ApprovalState.WITHDRAWN, "This action now asks about another script.")

    async def _close(self, approval: Approval, state: ApprovalState, reason: str = "") -> Approval:
        if approval.state is not ApprovalState.PENDING:
            return approval
        return await self._settle(approval, state, reason=reason)

    async def _settle(
        self, approval: Approval, state: ApprovalState, *, by: Person | None = None, reason: str = ""
    ) -> Approval:
        """Take a pending approval to ``state``, unless the journal has another end of it already: then to that."""
        wanted = approval.model_copy(
            update={"state": state, "decided_by": by, "decided_at": self._clock(), "reason": reason.strip()}
        )
        record = await self._journal.append(
            ApprovalDecided(task=approval.task, key=f"{approval.id}.decided", approval=wanted)
        )
        if not isinstance(record.event, ApprovalDecided):
            raise NotPermitted(f"The journal holds no decision under {approval.id!r}.")
        await self._store.put(record.event.approval, expected=ApprovalState.PENDING)
        return record.event.approval


def _question(approval: Approval) -> tuple[str, ...]:
    """What an approval is bound to."""
    return (approval.task, approval.action, approval.digest, approval.policy_version, approval.requester.id)


def _live(approval: Approval, now: datetime) -> bool:
    """Whether it waits for its answer, or for its use."""
    return approval.state in (ApprovalState.PENDING, ApprovalState.APPROVED) and now < approval.expires_at


def _as_asked(approval: Approval) -> Approval:
    """The approval as it was before anybody answered."""
    blank = {"state": ApprovalState.PENDING, "decided_by": None, "decided_at": None, "reason": ""}
    return approval.model_copy(update=blank)


def _already(approval: Approval) -> UsageError:
    """Why a second decision does not count: who made the first, and when."""
    who = approval.decided_by.name or approval.decided_by.id if approval.decided_by else "itops"
    decided = ApprovalState.APPROVED if approval.state is ApprovalState.REDEEMED else approval.state
    how = "" if decided is ApprovalState.EXPIRED else f" by {who}"
    return UsageError(
        f"The approval {approval.id!r} was {decided.value}{how} at {approval.decided_at:%Y-%m-%d %H:%M:%S %Z}.",
        world="That stands; this call changed nothing.",
        mend="`itops approvals list` names what is pending.",
    )
