"""The published instructions of one generation, prepared for search."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from itops.domain.instruction import Instruction
from itops.domain.target import Platform
from itops.instructions.first_tool import first_tool
from itops.instructions.instruction_store import IndexContent
from itops.instructions.keyword_index import KeywordIndex, stems

_DESCRIPTION: Final = 300


@dataclass(frozen=True)
class Entry:
    """An instruction with what ranking needs of it."""

    instruction: Instruction

    @cached_property
    def tool(self) -> str:
        """The program it starts with."""
        return first_tool(self.instruction)

    @cached_property
    def phrases(self) -> tuple[tuple[str, ...], ...]:
        """The stems of each way to ask for it."""
        found = (tuple(stems(phrase)) for phrase in (self.instruction.title, *self.instruction.phrases))
        return tuple(phrase for phrase in found if phrase)

    @property
    def words(self) -> str:
        """All its words, for the keyword index."""
        one = self.instruction
        run = one.block("run")
        return "\n".join((one.title, one.prose, *one.phrases, *one.tags, run.text if run else ""))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Its rows in the search index: what it is, and each way to ask for it."""
        one = self.instruction
        for text in dict.fromkeys((f"{one.title}. {one.prose[:_DESCRIPTION]}".strip(), *one.phrases)):
            yield f"{one.id}#{hashlib.sha256(text.encode()).hexdigest()[:16]}", text


class Shelf:
    """The entries that one search looks through."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self.position = {entry.instruction.id: position for position, entry in enumerate(self.entries)}
        self.keywords = KeywordIndex([entry.words for entry in self.entries])


class Library:
    """One generation; shelves are made when first asked for."""

    def __init__(self, generation: str, instructions: Sequence[Instruction]) -> None:
        self.generation = generation
        self._entries = [Entry(instruction) for instruction in instructions]
        self._shelves: dict[tuple[Platform, ...], Shelf] = {}
        self._lock = threading.Lock()

    def shelf(self, platforms: tuple[Platform, ...]) -> Shelf:
        """The entries for these platforms."""
        with self._lock:
            if platforms not in self._shelves:
                chosen = [entry for entry in self._entries if entry.instruction.platform in platforms]
                self._shelves[platforms] = Shelf(chosen)
            return self._shelves[platforms]

    def content(self) -> IndexContent:
        """What the search index should hold."""
        rows: dict[Platform, dict[str, str]] = {}
        for entry in self._entries:
            rows.setdefault(entry.instruction.platform, {}).update(entry.rows())
        return IndexContent(self.generation, rows)
