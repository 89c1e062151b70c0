"""Words of the trade that ask for the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from itops.instructions.search.keyword_index import stems

_FILE: Final = Path(__file__).with_name("data") / "alike.yaml"


@dataclass(frozen=True)
class Trade:
    """``alike`` has the stems that ask for the same as a stem does, itself included; ``verbs`` are those that act."""

    alike: dict[str, frozenset[str]]
    verbs: frozenset[str]
    before_a_name: frozenset[str]
    after_a_name: frozenset[str]


@cache
def trade() -> Trade:
    """The words that come with the package."""
    import yaml

    data: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    verbs = [frozenset(stems(group)) for group in data["verbs"]]
    nouns = [frozenset(stems(group)) for group in data["nouns"]]
    return Trade(
        alike=_merged([*verbs, *nouns]),
        verbs=frozenset().union(*verbs),
        before_a_name=frozenset(data["before_a_name"].split()),
        after_a_name=frozenset(data["after_a_name"].split()),
    )


def _merged(groups: Iterable[frozenset[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in groups:
        for stem in group:
            found[stem] = found.get(stem, frozenset()) | group
    return found
