"""BM25 over the words of documents, in memory."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

_WORD: Final = re.compile(r"[a-z0-9]+")
_VALUE: Final = re.compile(r"\S*[/0-9@]\S*|\S+\.\S+\b")
_STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a an and any are as at be by can could do does for from get give has have how i if in into is it its me my no
        not now of on or our please show so some such tell that the their them then there these they this to us use
        used using want was we what when where which who why will with would you your
        """,
    )
)
_WEAK: Final = 0.3
_SATURATION: Final = 1.2
_LENGTH: Final = 0.5


def stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]


class KeywordIndex:
    """Documents, as stems, by position; scored for how well they cover a query's words."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._size = len(documents)
        self._known_by = Counter(word for document in documents for word in set(document))
        self._index: Any = None
        if any(documents):
            import bm25s  # type: ignore[import-untyped]

            self._index = bm25s.BM25(k1=_SATURATION, b=_LENGTH)
            self._index.index([list(document) for document in documents], show_progress=False)

    def scores(self, query: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """One score from 0 to 1 a document: BM25 over the best of them.

        Where even the best covers little of the query, it scores less than 1: sharing one word is no match. Values
        (paths, numbers, hosts) that no document knows are not missed.
        """
        import numpy as np

        words = list(dict.fromkeys(stems(query)))
        known = [word for word in words if word in self._known_by]
        if self._index is None or not known:
            return np.zeros(self._size, dtype=np.float32)
        scores = np.asarray(self._index.get_scores(known), dtype=np.float32)
        expected = {*known, *stems(_VALUE.sub(" ", query))}
        full = _WEAK * sum(self.weight(word) for word in expected)
        return scores / max(float(scores.max()), full, 1e-6)

    def weight(self, word: str) -> float:
        """How much a word says: the fewer documents know it, the more."""
        known_by = self._known_by[word]
        return math.log1p((self._size - known_by + 0.5) / (known_by + 0.5))


def _stem(word: str) -> str:
    """The word without its commonest English endings; plain, because documents and queries are stemmed alike."""
    word = _singular(word)
    for ending in ("ing", "ed"):
        trunk = word.removesuffix(ending)
        if trunk != word and len(trunk) > 2 and re.search("[aeiouy]", trunk):  # noqa: PLR2004 - shorter is no trunk
            doubled = trunk[-1] == trunk[-2] and trunk[-1] not in "lsz"
            word = trunk[:-1] if doubled else trunk
            break
    if len(word) > 4 and word.endswith("e"):  # noqa: PLR2004 - short words keep their vowel
        return word[:-1]
    return f"{word[:-1]}i" if len(word) > 3 and word.endswith("y") else word  # noqa: PLR2004


def _singular(word: str) -> str:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):  # noqa: PLR2004 - short words have no plural ending
        return word
    if len(word) > 4:  # noqa: PLR2004
        if word.endswith("ies"):
            return f"{word[:-3]}y"
        if word.endswith(("sses", "shes", "ches", "xes")):
            return word[:-2]
    return word.removesuffix("s")
