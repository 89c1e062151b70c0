"""Which instructions answer a request best: meaning and words together, and what the target has."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from itops.instructions.index.instruction_store import Hit
from itops.instructions.search.alike import trade
from itops.instructions.search.library import Card, Shelf
from itops.instructions.search.request_words import RequestWords, request_words

if TYPE_CHECKING:
    import numpy as np

    Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

THRESHOLD: Final = 0.75
_CLOSELY: Final = 60
_ALIKE: Final = 0.6
_GAP: Final = 1
_FAMILY_SIZE: Final = 3
_LONG: Final = 40


@dataclass(frozen=True)
class Weights:
    """What each piece of evidence counts."""

    meaning: float = 0.0
    words: float = 0.0
    family: float = 0.0
    everyday: float = 0.0
    verb: float = 0.0
    covered: float = 0.0
    explained: float = 0.0
    brevity: float = 0.0
    phrase: float = 0.0
    missing_tool: float = 0.0
    elsewhere: float = 0.0
    always: float = 0.0


RANK: Final = Weights(
    meaning=0.7,
    words=0.3,
    family=0.5,
    everyday=0.14,
    verb=0.035,
    explained=0.04,
    brevity=0.1,
    phrase=0.2,
    missing_tool=-0.05,
)
_BEST: Final = 2.015
"""What evidence that is perfect comes to."""

TRUST: Final = Weights(meaning=15.5, covered=7.4, explained=1.8, elsewhere=-12.5, always=-8.6)


@dataclass(frozen=True)
class Ranked:
    """A card found for a query; ``score`` is 0..1, ``confident`` is false below the threshold of trust."""

    card: Card
    score: float
    confident: bool


@dataclass(frozen=True)
class Evidence:
    """What speaks for a card, each from 0 to 1; ``verb`` is -1 where it does another thing than was asked.

    ``family`` is the meaning of its nearest like, ``covered`` the share of the request that it knows, ``explained``
    the share of its sentence (or of the best of its phrases) that the request says, ``brevity`` how little its sentence
    asks for, ``elsewhere`` how near the request is to what no IT library covers.
    """

    meaning: float
    words: float
    family: float
    everyday: float
    verb: float
    covered: float
    explained: float
    brevity: float
    phrase: float
    missing_tool: float
    elsewhere: float
    always: float = 1.0

    def weighed(self, weights: Weights) -> float:
        """The weighted sum."""
        mine, worth = vars(self), vars(weights)
        return float(sum(mine[name] * worth[name] for name in worth))


def rank(
    words: str,
    shelf: Shelf,
    hits: Iterable[Hit],
    *,
    tools: frozenset[str] | None,
    elsewhere: float,
    top: int,
    threshold: float,
    shifts: Mapping[str, float] = MappingProxyType({}),
) -> list[Ranked]:
    """The best cards, best first.

    Meaning and words in common choose those that are looked at closely; among these all evidence counts. ``threshold``
    is the least probability with which a card must be an answer at all to be trusted; it does not depend on how large
    the library is, nor on how the other cards do. ``shifts`` are added to the scores of some cards, by id; feedback
    moves a card among its like, and makes none trusted.
    """
    found = evidence(words, shelf, hits, tools=tools, elsewhere=elsewhere, closely=_CLOSELY + top)
    ranked = [
        (one.weighed(RANK) / _BEST + shifts.get(shelf.cards[position].id, 0.0), position, one)
        for position, one in found.items()
    ]
    ranked.sort(key=lambda each: (-each[0], each[1]))
    return [
        Ranked(shelf.cards[position], round(min(max(score, 0.0), 1.0), 4), confident=trust(one) >= threshold)
        for score, position, one in ranked[:top]
    ]


def trust(one: Evidence) -> float:
    """How probable it is that a card with this evidence answers the request."""
    return 1 / (1 + math.exp(-one.weighed(TRUST)))


def evidence(
    words: str, shelf: Shelf, hits: Iterable[Hit], *, tools: frozenset[str] | None, elsewhere: float, closely: int
) -> dict[int, Evidence]:
    """The evidence for the cards that meaning and words in common put first, by their place on the shelf."""
    if not shelf.cards:
        return {}
    meanings, shared = _meanings(shelf, hits), shelf.keywords.scores(words)
    nearest = _largest(RANK.meaning * meanings + RANK.words * shared, closely)
    families = _families(shelf, nearest, meanings)
    request = request_words(words)
    asked = _Asked(request, shelf)
    return {
        position: asked.of(
            shelf.cards[position],
            meaning=float(meanings[position]),
            words=float(shared[position]),
            family=families[shelf.cards[position].family],
            elsewhere=elsewhere,
            has_tool=tools is None or shelf.cards[position].tool in tools or not shelf.cards[position].tool,
        )
        for position in nearest
    }


def _largest(numbers: "Numbers", count: int) -> list[int]:
    """Where the largest are, largest first."""
    import numpy as np

    few = np.argpartition(-numbers, count)[:count] if count < len(numbers) else np.arange(len(numbers))
    return [int(place) for place in few[np.lexsort((few, -numbers[few]))]]


def _meanings(shelf: Shelf, hits: Iterable[Hit]) -> "Numbers":
    """The best cosine of each card's rows; a card that was not hit is at most as near as the farthest hit."""
    import numpy as np

    best: dict[int, float] = {}
    farthest = 1.0
    for hit in hits:
        farthest = min(farthest, hit.cosine)
        position = shelf.position.get(hit.row)
        if position is not None:
            best[position] = max(best.get(position, -1.0), hit.cosine)
    meanings = np.full(len(shelf.cards), farthest if best else 0.0)
    meanings[list(best)] = list(best.values())
    return meanings


def _families(shelf: Shelf, nearest: Sequence[int], meanings: "Numbers") -> dict[str, float]:
    """The mean of the nearest few of each family."""
    found: dict[str, list[float]] = {}
    for position in nearest:
        found.setdefault(shelf.cards[position].family, []).append(float(meanings[position]))
    best = {family: sorted(each, reverse=True)[:_FAMILY_SIZE] for family, each in found.items()}
    return {family: sum(each) / len(each) for family, each in best.items()}


class _Asked:
    """A request, held against one card after the other."""

    def __init__(self, request: RequestWords, shelf: Shelf) -> None:
        alike = trade().alike
        self._request = request
        self._weight = shelf.keywords.weight
        self._alike = {stem: alike.get(stem, frozenset()) for stem in request.wanted}
        self._said = frozenset(request.asked)
        self._nearly_said = frozenset().union(*self._alike.values())

    def of(
        self, card: Card, *, meaning: float, words: float, family: float, elsewhere: float, has_tool: bool
    ) -> Evidence:
        return Evidence(
            meaning=meaning,
            words=words,
            family=family,
            everyday=float(card.is_everyday),
            verb=self._verb(card),
            covered=self._covered(frozenset(card.words)),
            explained=max((self._explained(each) for each in {card.sentence, *card.phrases}), default=0.0),
            brevity=max(1 - math.log1p(len(card.sentence)) / math.log1p(_LONG), 0.0),
            phrase=self._phrase(card),
            missing_tool=float(not has_tool),
            elsewhere=elsewhere,
        )

    def _verb(self, card: Card) -> float:
        mine, its = self._request.verb, card.sentence[0] if card.sentence else ""
        if not mine or its not in trade().verbs:
            return 0.0
        return 1.0 if its in self._alike[mine] else -1.0

    def _covered(self, known: frozenset[str]) -> float:
        shares = (_share(stem in known, not alike.isdisjoint(known)) for stem, alike in self._alike.items())
        values = len(self._request.values & known)
        return (sum(shares) + values) / max(len(self._alike) + values, 1)

    def _explained(self, sentence: Sequence[str]) -> float:
        weights = {stem: self._weight(stem) for stem in sentence}
        said = sum(weight * _share(stem in self._said, stem in self._nearly_said) for stem, weight in weights.items())
        return said / max(sum(weights.values()), 1e-6)

    def _phrase(self, card: Card) -> float:
        """How much of the request one of the card's phrases says in its order; 0 where the request says none whole."""
        said = (len(phrase) for phrase in card.phrases if _says(self._request.asked, phrase))
        return max(said, default=0) / max(len(self._request.asked), 1)


def _share(is_said: bool, is_nearly_said: bool) -> float:  # noqa: FBT001 - two answers to one question
    return 1.0 if is_said else _ALIKE if is_nearly_said else 0.0


def _says(asked: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the phrase stands in the request; a value may stand between two of its words ("install htop package")."""
    starts = (position for position, word in enumerate(asked) if word == phrase[0])
    return any(_goes_on(asked[start + 1 :], phrase[1:]) for start in starts)


def _goes_on(asked: Sequence[str], phrase: Sequence[str]) -> bool:
    for word in phrase:
        near = asked[: _GAP + 1]
        if word not in near:
            return False
        asked = asked[near.index(word) + 1 :]
    return True
