"""Meaning, words, phrases and tools come to one score."""

from collections.abc import Callable

import pytest

from itops.domain.instruction import Instruction, RankedInstruction
from itops.instructions.instruction_store import Hit
from itops.instructions.library import Entry, Shelf
from itops.instructions.ranking import rank

Make = Callable[..., Instruction]


def ranked(
    words: str, entries: list[Instruction], cosines: dict[str, float], tools: frozenset[str] | None = None
) -> list[RankedInstruction]:
    shelf = Shelf([Entry(one) for one in entries])
    hits = [Hit(f"{name}#x", cosine) for name, cosine in cosines.items()]
    return rank(words, shelf, hits, tools=tools, top=2, threshold=0.44)


def test_meaning_alone_ranks(make: Make) -> None:
    found = ranked("zzz", [make("a"), make("b"), make("c")], {"b": 0.9, "a": 0.5})
    assert [(one.instruction.id, one.score, one.confident) for one in found] == [("b", 0.63, True), ("a", 0.35, False)]


def test_words_in_common_raise_the_score(make: Make) -> None:
    found = ranked("disk space", [make("a", "free disk space"), make("b", "users")], {"a": 0.5, "b": 0.5})
    assert [one.instruction.id for one in found] == ["a", "b"]
    assert found[0].score == pytest.approx(0.65, abs=0.01)


def test_the_best_row_of_an_instruction_counts(make: Make) -> None:
    shelf = Shelf([Entry(make("a"))])
    hits = [Hit("a#1", 0.2), Hit("a#2", 0.8), Hit("gone#1", 0.9)]
    (found,) = rank("zzz", shelf, hits, tools=None, top=5, threshold=0.5)
    assert found.score == pytest.approx(0.56)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("please unlock the account of alice", True),
        ("unlock alice account", True),
        ("account unlock", False),
        ("unlock", False),
        ("unlock one two three account", False),
    ],
)
def test_saying_a_whole_phrase_is_strong_evidence(words: str, says: bool, make: Make) -> None:
    with_phrase = ranked(words, [make("a", "x", phrases=("unlock account",))], {"a": 0.5})[0].score
    same_words = ranked(words, [make("a", "x", phrases=("account x unlock",))], {"a": 0.5})[0].score
    assert (with_phrase > same_words) is says


def test_an_instruction_whose_tool_is_missing_ranks_below_its_like(make: Make) -> None:
    entries = [make("a", "disk", run="ncdu /"), make("b", "disk", run="du /")]
    cosines = {"a": 0.62, "b": 0.6}
    assert [one.instruction.id for one in ranked("disk", entries, cosines)] == ["a", "b"]
    assert [one.instruction.id for one in ranked("disk", entries, cosines, frozenset({"du"}))] == ["b", "a"]


def test_a_much_better_one_stays_first_without_its_tool(make: Make) -> None:
    entries = [make("a", "container", run="docker ps"), make("b", "service", run="systemctl")]
    found = ranked("container", entries, {"a": 0.9, "b": 0.3}, frozenset({"systemctl"}))
    assert found[0].instruction.id == "a"


def test_scores_stay_between_0_and_1(make: Make) -> None:
    entries = [make("a", "show disk space", phrases=("disk space",)), make("b", run="missing")]
    best, worst = ranked("disk space", entries, {"a": 1.0, "b": -1.0}, frozenset({"uptime"}))
    assert best.score == 1
    assert worst.score == 0


def test_nothing_to_rank() -> None:
    assert ranked("disk", [], {}) == []
