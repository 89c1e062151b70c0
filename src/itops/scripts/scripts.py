"""The room's door: everything that the workflow needs to know of scripts."""

import asyncio
from collections.abc import Mapping

from itops.domain.instruction import Block, Instruction, Language
from itops.domain.script import Facts, Script
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts import conformance, likeness, reader, tools
from itops.scripts.parameters import complete
from itops.scripts.placeholders import unfilled
from itops.scripts.renderer import placeholders, render


class Scripts:
    """Reads, renders and compares scripts; it runs none."""

    async def read(self, language: Language, text: str) -> Facts:
        """What the text would touch."""
        return await reader.read(language, text)

    async def unfilled(self, language: Language, text: str) -> tuple[str, ...]:
        """Placeholders that were left in a script."""
        return unfilled(text, language)

    def tools_of(self, facts: Facts) -> frozenset[str]:
        """The programs that a target must have."""
        return tools.tools_of(facts)

    def render(self, block: Block, values: Mapping[str, str]) -> str:
        """A template with its values, quoted; values it has no place for are left out."""
        return render(block.text, block.language, _wanted(block, values))

    async def is_instance(self, text: str, block: Block, values: Mapping[str, str]) -> bool:
        """Whether the text is exactly this template with these values."""
        return await asyncio.to_thread(conformance.is_instance, text, block, _wanted(block, values))

    async def differences(self, script: Script, instruction: Instruction) -> tuple[str, ...]:
        """How a script that is nearly an instance of the instruction differs from it; none where it hardly is one."""
        block = instruction.block(script.block)
        if block is None or block.language != script.language:
            return ()
        stand_ins = {name: likeness.stand_in(name) for name in placeholders(block.text)}
        try:
            rendered = render(block.text, block.language, stand_ins)
        except (InvalidInstruction, InvalidParameter):
            return ()
        ours, theirs = [await self.read(script.language, text) for text in (script.text, rendered)]
        return likeness.differences(ours, theirs, instruction, script.parameters)

    def valid(self, instruction: Instruction, values: Mapping[str, str]) -> bool:
        """Whether these are all the values that the instruction needs, and each passes its pattern."""
        try:
            return not complete(instruction, values).missing
        except (InvalidParameter, InvalidInstruction):
            return False


def _wanted(block: Block, values: Mapping[str, str]) -> dict[str, str]:
    names = placeholders(block.text)
    return {name: value for name, value in values.items() if name in names}
