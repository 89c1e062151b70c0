"""The port to where approvals stand."""

from typing import Protocol

from itops.domain.approval import Approval, ApprovalState


class ApprovalStore(Protocol):
    """Keeps the latest state of every approval, for any number of processes at once.

    Raises:
        StoreError: the store refuses; what stood before stands.
    """

    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        """Store it if what stands under its id is in state ``expected`` (None: nothing stands there), atomically.

        False means that something else stands there; nothing was changed.
        """
        ...

    async def get(self, approval_id: str) -> Approval | None:
        """What stands under the id."""
        ...

    async def find(self, *, task: str = "", action: str = "", state: ApprovalState | None = None) -> list[Approval]:
        """All that fit every filter given, oldest first."""
        ...
