"""Approvals that live as long as their object."""

import threading

from itops.domain.approval import Approval, ApprovalState


class MemoryApprovalStore:
    """An ``ApprovalStore`` in memory: the same promises, but for surviving the process."""

    def __init__(self) -> None:
        self._approvals: dict[str, Approval] = {}
        self._lock = threading.Lock()

    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        """Store it if what stands under its id is in state ``expected``."""
        with self._lock:
            standing = self._approvals.get(approval.id)
            fits = (standing.state if standing else None) is expected
            if fits:
                self._approvals[approval.id] = approval
            return fits

    async def get(self, approval_id: str) -> Approval | None:
        """What stands under the id."""
        return self._approvals.get(approval_id)

    async def find(self, *, task: str = "", action: str = "", state: ApprovalState | None = None) -> list[Approval]:
        """All that fit every filter given, oldest first."""
        with self._lock:
            standing = list(self._approvals.values())
        return [
            approval
            for approval in sorted(standing, key=lambda approval: approval.requested_at)
            if task in ("", approval.task) and action in ("", approval.action) and state in (None, approval.state)
        ]
