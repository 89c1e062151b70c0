import asyncio

from itops.domain.target import Platform, Target
from itops.errors import TargetUnreachable
from itops.targets.reachability import try_each

GOOD, BAD, SLOW = (Target(name=name, platform=Platform.LINUX) for name in ("good", "bad", "slow"))


async def reach(target: Target) -> None:
    if target is BAD:
        raise TargetUnreachable("The host key has changed.", mend="Look.")
    if target is SLOW:
        await asyncio.sleep(60)


async def test_each_is_tried_and_says_why_not():
    tried = await try_each([GOOD, BAD, SLOW], reach, seconds=0.2)
    assert [one.why for one in tried] == ["", "The host key has changed.", "It did not answer within 0.2 seconds."]
    assert tried[1].mend == "Look."
