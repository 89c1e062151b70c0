"""What an instruction is, in a few words: its line in the search index and what ranking compares a request with."""

from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Instruction

_LONGEST: Final = 300
_BARE: Final = 2


@dataclass(frozen=True)
class Headline:
    """``family`` is what it shares with its like (its tags, or the tool it is about), ``sentence`` what it does."""

    family: str
    sentence: str

    @property
    def text(self) -> str:
        """Both: a name that stands in front is found by name, and more text than this makes meaning vague."""
        return f"{self.family}. {self.sentence}" if self.sentence else self.family


def headline(instruction: Instruction) -> Headline:
    """The headline: a title of one or two words, or one without tags, is a name that the prose explains."""
    title, tags = instruction.title.strip(), " ".join(instruction.tags)
    explained = instruction.prose.strip().partition("\n\n")[0].replace("\n", " ")[:_LONGEST]
    if not tags:
        return Headline(title, explained)
    return Headline(tags, f"{title}. {explained}" if explained and len(title.split()) <= _BARE else title)
