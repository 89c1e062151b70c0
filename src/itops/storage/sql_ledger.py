"""What was spent on models, in the database."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from itops.domain.budget import Budget, Spending
from itops.domain.outcome import Usage
from itops.storage.database import Database
from itops.storage.tables import model_spending

_NUMBERS = tuple(column for column in model_spending.c if column.name != "account")


class SqlLedger:
    """The ledger of spending on models, shared by every process on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, budgets: Mapping[str, Budget], needed: Spending) -> tuple[str, str] | None:
        """Charge this to every account if none would go over; else charge nothing, and say which would, and why."""

        def work(connection: Connection) -> tuple[str, str] | None:
            for account in sorted(budgets):
                spent = _lock(connection, account)
                if why := budgets[account].refusal(spent, needed_tokens=needed.tokens):
                    return account, why
            _charge(connection, budgets, needed)
            return None

        return await self._database.run(work)

    async def charge(self, accounts: tuple[str, ...], spending: Spending) -> None:
        """Charge this to every account, whatever their budgets; less than nothing gives back what was reserved."""

        def work(connection: Connection) -> None:
            for account in sorted(accounts):
                _lock(connection, account)
            _charge(connection, accounts, spending)

        await self._database.run(work)

    async def spent(self, account: str) -> Spending:
        """What an account was charged so far."""
        query = select(*_NUMBERS).where(model_spending.c.account == account)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().one_or_none())
        return Spending() if row is None else _spending(row)


def _lock(connection: Connection, account: str) -> Spending:
    """What the account was charged; nobody else charges it until this transaction ends."""
    query = select(*_NUMBERS).where(model_spending.c.account == account).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        # Another process may be first; then its row is there.
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(model_spending).values(account=account, **_row(Spending())))
        row = connection.execute(query).mappings().one()
    return _spending(row)


def _charge(connection: Connection, accounts: Iterable[str], spending: Spending) -> None:
    more = _row(spending)
    added = {column.name: column + more[column.name] for column in _NUMBERS}
    for account in sorted(accounts):
        connection.execute(update(model_spending).where(model_spending.c.account == account).values(**added))


def _row(spending: Spending) -> dict[str, float]:
    return {**spending.usage.model_dump(), "seconds": spending.seconds}


def _spending(row: RowMapping) -> Spending:
    numbers = {str(name): value for name, value in row.items()}
    seconds = numbers.pop("seconds")
    return Spending(usage=Usage.model_validate(numbers), seconds=seconds)
