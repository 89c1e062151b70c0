"""The words of a request that say what is wanted, apart from the values that it carries."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from itops.instructions.search.alike import trade
from itops.instructions.search.keyword_index import stems

_QUOTED: Final = re.compile(r"""(?<!\w)(?:"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”|<[^>]*>)(?!\w)""")
_PATH: Final = re.compile(r"(?<!\w)[~.$]?/[\w./~$*-]+|\b[\w-]+\.[a-z][a-z0-9]{1,4}\b")
_VALUE: Final = re.compile(r"\S*[/0-9@_]\S*|\S+\.\w\S*")
_TELLING: Final = re.compile("[a-z].|.[a-z]")
_WORD: Final = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class RequestWords:
    """``asked`` are the stems of a request in its order, ``wanted`` those that an instruction for it should know.

    ``values`` are the others, which speak for an instruction that knows them and not against one that doesn't.
    """

    asked: tuple[str, ...]
    wanted: tuple[str, ...]
    values: frozenset[str]

    @property
    def verb(self) -> str:
        """What is to be done; empty where none of the first words says it."""
        return next((stem for stem in self.wanted[:3] if stem in trade().verbs), "")


def request_words(text: str) -> RequestWords:
    """The words of a request."""
    asked = tuple(stems(text))
    plain = _VALUE.sub(" ", _QUOTED.sub(" ", text))
    named = _names(plain)
    wanted = tuple(stem for stem in dict.fromkeys(stems(plain)) if stem not in named)
    values = frozenset(stem for stem in asked if stem not in wanted and _TELLING.search(stem))
    return RequestWords(asked, wanted, values)


def values_of(text: str) -> list[tuple[int, int]]:
    """Where the request is quoted or names a path: places that blur its meaning."""
    quoted = [found.span() for found in _QUOTED.finditer(text)]
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    return quoted + [found.span() for found in _PATH.finditer(plain)]


def _names(text: str) -> set[str]:
    """The stems that stand where a name does."""
    words = [word.lower() for word in _WORD.findall(text)]
    behind = {after for word, after in pairwise(words) if word in trade().before_a_name}
    before = {word for word, after in pairwise(words) if after in trade().after_a_name}
    return set(stems(" ".join(behind | before))) - trade().alike.keys()
