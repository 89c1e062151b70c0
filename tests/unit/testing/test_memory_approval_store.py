"""The fake keeps its promises in tests/contract/test_approval_store.py; this one is about what it gives away."""

from itops.testing.approval_store_contract import asked
from itops.testing.memory_approval_store import MemoryApprovalStore


async def test_what_is_found_is_a_list_of_the_finder_s_own() -> None:
    store = MemoryApprovalStore()
    await store.put(asked(1), expected=None)
    (await store.find()).clear()
    assert await store.find() == [asked(1)]
