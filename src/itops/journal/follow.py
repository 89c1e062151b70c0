"""Follows a journal as it grows."""

import asyncio
from collections.abc import AsyncIterator

from itops.domain.event import Journal, Record


async def follow(
    journal: Journal, *, task: str = "", after: int = 0, poll_seconds: float = 0.05
) -> AsyncIterator[Record]:
    """Every record above ``after``, of one task or of all, as it comes; ends only when its reader stops."""
    while True:
        records = await journal.read(task=task, after=after)
        for record in records:
            yield record
            after = record.seq
        if not records:
            await asyncio.sleep(poll_seconds)
