"""Which instructions answer a request best: meaning and words together, and what the target has."""

from collections.abc import Iterable, Sequence
from typing import Final

from itops.domain.instruction import RankedInstruction
from itops.instructions.instruction_store import Hit
from itops.instructions.keyword_index import stems
from itops.instructions.library import Entry, Shelf

THRESHOLD: Final = 0.5
_MEANING: Final = 0.7
_WORDS: Final = 0.3
_MISSING_TOOL: Final = 0.1
_PHRASE: Final = 0.2
_GAP: Final = 1


def rank(
    words: str, shelf: Shelf, hits: Iterable[Hit], *, tools: frozenset[str] | None, top: int, threshold: float
) -> list[RankedInstruction]:
    """The best entries, best first.

    A score is the weighted sum of cosine and keyword score, more where the request says one of the instruction's own
    phrases, less where ``tools`` are given and lack the program it starts with.
    """
    import numpy as np

    if not shelf.entries:
        return []
    scores = _MEANING * np.asarray(_cosines(shelf, hits)) + _WORDS * shelf.keywords.scores(words)
    asked = stems(words)
    best = np.argsort(-scores)[: 4 * top + 20]
    ranked = []
    for position in best:
        entry = shelf.entries[position]
        score = float(scores[position]) + _PHRASE * _phrase_share(entry, asked)
        if tools is not None and entry.tool and entry.tool not in tools:
            score -= _MISSING_TOOL
        score = round(min(max(score, 0.0), 1.0), 4)
        ranked.append(RankedInstruction(instruction=entry.instruction, score=score, confident=score >= threshold))
    ranked.sort(key=lambda one: -one.score)
    return ranked[:top]


def _cosines(shelf: Shelf, hits: Iterable[Hit]) -> list[float]:
    """The best cosine of each entry's rows; an entry that was not hit is at most as near as the farthest hit."""
    best: dict[int, float] = {}
    farthest = 1.0
    for hit in hits:
        farthest = min(farthest, hit.cosine)
        position = shelf.position.get(hit.row.rpartition("#")[0])
        if position is not None:
            best[position] = max(best.get(position, -1.0), hit.cosine)
    rest = farthest if best else 0.0
    return [best.get(position, rest) for position in range(len(shelf.entries))]


def _phrase_share(entry: Entry, asked: list[str]) -> float:
    """How much of the request one of the entry's phrases says in its order; 0 where the request says none whole."""
    said = (len(phrase) for phrase in entry.phrases if _says(asked, phrase))
    return max(said, default=0) / max(len(asked), 1)


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
