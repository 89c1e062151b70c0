"""The one way to read a script: text → facts, whatever its language."""

import asyncio

from itops.domain.instruction import Language
from itops.domain.script import Facts
from itops.scripts.aws_reader import read_aws, with_impossible
from itops.scripts.bash_reader import read_bash
from itops.scripts.powershell_reader import read_powershell_facts


async def read(language: Language, text: str) -> Facts:
    """What a script would touch, by its parse alone; nothing of it is executed.

    Raises:
        ItOpsUnavailable: the language's parser is not there.
    """
    if language == "bash":
        return with_impossible(await asyncio.to_thread(read_bash, text))
    if language == "aws":
        return await asyncio.to_thread(read_aws, text)
    if language == "powershell":
        return await asyncio.to_thread(read_powershell_facts, text)
    return Facts(problems=(f"there is no reader for {language} yet, so a person must look",))
