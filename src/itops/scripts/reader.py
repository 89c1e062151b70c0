"""The one way to read a script: text → facts, whatever its language."""

import asyncio

from itops.domain.instruction import Language
from itops.domain.script import Facts
from itops.scripts.bash_reader import read_bash


async def read(language: Language, text: str) -> Facts:
    """What a script would touch, by its parse alone; nothing of it is executed.

    Raises:
        ItOpsUnavailable: the language's parser is not there.
    """
    if language == "bash":
        return await asyncio.to_thread(read_bash, text)
    return Facts(problems=(f"there is no reader for {language} yet, so a person must look",))
