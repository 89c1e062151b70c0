"""Approvals in the database."""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from itops.domain.approval import Approval, ApprovalState
from itops.storage.database import Database
from itops.storage.tables import approvals


class SqlApprovals:
    """The approval desk's store, shared by every process on the database. Every change is flushed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, approval: Approval, *, expected: ApprovalState | None) -> bool:
        """Store it if what stands under its id is in state ``expected`` (None: nothing stands there), atomically."""
        if expected is None:
            return await self._database.run(lambda connection: _insert(connection, approval), flush=True)
        return await self._database.run(lambda connection: _update(connection, approval, expected), flush=True)

    async def get(self, approval_id: str) -> Approval | None:
        """What stands under the id."""
        query = select(approvals.c.body).where(approvals.c.id == approval_id)
        body = await self._database.read(lambda connection: connection.execute(query).scalar())
        return None if body is None else Approval.model_validate_json(body)

    async def find(self, *, task: str = "", action: str = "", state: ApprovalState | None = None) -> list[Approval]:
        """All that fit every filter given, oldest first."""
        query = select(approvals.c.body)
        filters = ((approvals.c.task, task), (approvals.c.action, action), (approvals.c.state, state and state.value))
        for column, value in filters:
            query = query.where(column == value) if value else query
        bodies = await self._database.read(lambda connection: connection.execute(query).scalars().all())
        found = [Approval.model_validate_json(body) for body in bodies]
        return sorted(found, key=lambda approval: (approval.requested_at, approval.id))


def _insert(connection: Connection, approval: Approval) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(approvals).values(**_row(approval)))
    except IntegrityError:
        return False
    return True


def _update(connection: Connection, approval: Approval, expected: ApprovalState) -> bool:
    standing = (approvals.c.id == approval.id) & (approvals.c.state == expected.value)
    return connection.execute(update(approvals).where(standing).values(**_row(approval))).rowcount == 1


def _row(approval: Approval) -> dict[str, str]:
    return {
        "id": approval.id,
        "task": approval.task,
        "action": approval.action,
        "state": approval.state.value,
        "body": approval.model_dump_json(),
    }
