"""A ledger of spending on models in memory, for tests without a database."""

import threading
from collections.abc import Mapping

from itops.domain.budget import Budget, Spending


class MemoryLedger:
    """Keeps accounts in a dictionary; safe for any number of threads."""

    def __init__(self) -> None:
        self._accounts: dict[str, Spending] = {}
        self._lock = threading.Lock()

    async def reserve(self, budgets: Mapping[str, Budget], needed: Spending) -> tuple[str, str] | None:
        """Charge this to every account if none would go over; else charge nothing, and say which would, and why."""
        with self._lock:
            for account in sorted(budgets):
                spent = self._accounts.get(account, Spending())
                if why := budgets[account].refusal(spent, needed_tokens=needed.tokens):
                    return account, why
            self._charge(tuple(budgets), needed)
        return None

    async def charge(self, accounts: tuple[str, ...], spending: Spending) -> None:
        """Charge this to every account, whatever their budgets; less than nothing gives back what was reserved."""
        with self._lock:
            self._charge(accounts, spending)

    async def spent(self, account: str) -> Spending:
        """What an account was charged so far."""
        with self._lock:
            return self._accounts.get(account, Spending())

    def _charge(self, accounts: tuple[str, ...], spending: Spending) -> None:
        for account in accounts:
            self._accounts[account] = self._accounts.get(account, Spending()) + spending
