"""The published instructions of one generation, prepared for search."""

import hashlib
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Instruction
from itops.domain.target import Platform
from itops.instructions.records import Published
from itops.instructions.search.first_tool import first_tool, is_everyday
from itops.instructions.search.headline import headline
from itops.instructions.search.keyword_index import KeywordIndex, stems

ROWS_FORM: Final = 2
"""Goes up whenever ``rows`` makes other texts of the same instruction, so that every index is made anew."""


@dataclass(frozen=True, slots=True)
class Card:
    """What search keeps of an instruction: little, so that a hundred thousand fit in memory.

    ``tool`` is the program it starts with, ``is_everyday`` whether every Linux host knows its first command. ``family``
    is what it shares with its like, ``sentence`` the stems of what it does, ``phrases`` the stems of each way to ask
    for it, ``words`` the stems of all its text, ``rows`` its rows in the search index.
    """

    id: str
    version: str
    platform: Platform
    tool: str
    is_everyday: bool
    family: str
    sentence: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    rows: tuple[str, ...]


def card(published: Published) -> Card:
    """The card of an instruction."""
    one = published.instruction
    run, said = one.block("run"), headline(one)
    words = "\n".join((one.title, one.prose, *one.phrases, *one.tags, run.text if run else ""))
    phrases = (_stems(phrase) for phrase in (one.title, *one.phrases))
    return Card(
        id=one.id,
        version=published.version,
        platform=one.platform,
        tool=first_tool(one),
        is_everyday=is_everyday(one),
        family=sys.intern(said.family),
        sentence=_stems(said.sentence),
        phrases=tuple(phrase for phrase in phrases if phrase),
        words=_stems(words),
        rows=tuple(rows(one)),
    )


def rows(instruction: Instruction) -> dict[str, str]:
    """Its rows in the search index, by name: what it is, and each way to ask for it."""
    one = instruction
    texts = dict.fromkeys((headline(one).text, *one.phrases))
    return {f"{one.id}#{hashlib.sha256(text.encode()).hexdigest()[:16]}": text for text in texts}


class Shelf:
    """The cards that one search looks through."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self.cards = tuple(cards)
        self.position = {row: position for position, one in enumerate(self.cards) for row in one.rows}
        self.keywords = KeywordIndex([one.words for one in self.cards])


class Library:
    """One generation. It never changes; shelves are made when first asked for.

    ``shifts`` are what people's feedback adds to the scores of some instructions, by id.
    """

    def __init__(self, generation: str, cards: Mapping[str, Card], shifts: Mapping[str, float]) -> None:
        self.generation = generation
        self.shifts = shifts
        self._cards = cards
        self._shelves: dict[tuple[Platform, ...], Shelf] = {}
        self._lock = threading.Lock()

    def shelf(self, platforms: tuple[Platform, ...]) -> Shelf:
        """The cards of these platforms."""
        with self._lock:
            if platforms not in self._shelves:
                chosen = [one for one in self._cards.values() if one.platform in platforms]
                self._shelves[platforms] = Shelf(chosen)
            return self._shelves[platforms]

    def later(
        self, generation: str, changed: Iterable[str], published: Iterable[Published], shifts: Mapping[str, float]
    ) -> "Library":
        """This library at a later generation: the changed ids as they are published now, if they are."""
        gone = {identity: self._cards[identity] for identity in changed if identity in self._cards}
        new = {one.instruction.id: card(one) for one in published}
        cards = {identity: one for identity, one in self._cards.items() if identity not in gone}
        later = Library(generation, cards | new, shifts)
        touched = {one.platform for one in (*gone.values(), *new.values())}
        with self._lock:
            later._shelves = {key: shelf for key, shelf in self._shelves.items() if touched.isdisjoint(key)}
        return later


def library_of(generation: str, published: Iterable[Published], shifts: Mapping[str, float]) -> Library:
    """A library from nothing."""
    return Library(generation, {one.instruction.id: card(one) for one in published}, shifts)


def _stems(text: str) -> tuple[str, ...]:
    """Stems as shared strings: a library has few different words."""
    return tuple(sys.intern(stem) for stem in stems(text))
