"""What a judgement depends on besides the facts: who, where, when, how far, and whose words the script is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from itops.domain.identity import Person
from itops.domain.instruction import BlockKind, Instruction, InstructionState
from itops.domain.origins import NOWHERE, Origins
from itops.domain.target import Target
from itops.domain.task import Auto

_NOBODY = Person(id="")


@dataclass(frozen=True)
class Asked:
    """What a judgement depends on besides the facts.

    ``block`` is what of its instruction the script is. ``now`` is None where the time is not known: then every window
    of time holds. ``differs`` says how the script differs from the instruction that it was written from; ``origins``
    are what its words may come from, and ``parameters`` the values that it was rendered with. ``sizes`` are how many
    targets there are of each tag, and of each environment as ``env:NAME``.
    """

    auto: Auto = "read"
    instance_of: Instruction | None = None
    targets: tuple[Target, ...] = ()
    person: Person = _NOBODY
    block: BlockKind = "run"
    now: datetime | None = None
    differs: tuple[str, ...] = ()
    origins: Origins = NOWHERE
    parameters: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_published(self) -> bool:
        """Whether the script is an exact instance of a published instruction."""
        return self.instance_of is not None and self.instance_of.state is InstructionState.PUBLISHED
