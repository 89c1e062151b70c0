"""Meaning, words, phrases and tools come to one score."""

from collections.abc import Callable

import pytest

from itops.domain.instruction import Instruction
from itops.instructions.index.instruction_store import Hit
from itops.instructions.records import Published
from itops.instructions.search.library import Card, Shelf, card
from itops.instructions.search.ranking import THRESHOLD, Ranked, rank

Make = Callable[..., Instruction]


def card_of(one: Instruction) -> Card:
    return card(Published(one.version, one))


def ranked(
    words: str,
    entries: list[Instruction],
    cosines: dict[str, float],
    *,
    tools: frozenset[str] | None = None,
    elsewhere: float = 0.2,
) -> list[Ranked]:
    shelf = Shelf([card_of(one) for one in entries])
    hits = [Hit(one.rows[0], cosines[one.id]) for one in shelf.cards if one.id in cosines]
    return rank(words, shelf, hits, tools=tools, elsewhere=elsewhere, top=2, threshold=THRESHOLD)


def names(found: list[Ranked]) -> list[str]:
    return [one.card.id for one in found]


def test_meaning_alone_ranks(make: Make) -> None:
    found = ranked("zzz", [make("a"), make("b"), make("c")], {"b": 0.9, "a": 0.5})
    assert names(found) == ["b", "a"]
    assert found[0].score > found[1].score > 0


def test_words_in_common_raise_the_score(make: Make) -> None:
    found = ranked("disk space", [make("a", "free disk space"), make("b", "users")], {"a": 0.5, "b": 0.5})
    assert names(found) == ["a", "b"]
    assert found[0].score > found[1].score + 0.1


def test_the_best_row_of_an_instruction_counts(make: Make) -> None:
    one = make("a", phrases=("b",))
    first, second = card_of(one).rows
    shelf = Shelf([card_of(one)])
    scores = [
        rank("zzz", shelf, hits, tools=None, elsewhere=0, top=5, threshold=0.5)[0].score
        for hits in (
            [Hit(first, 0.8)],
            [Hit(first, 0.8), Hit(second, 0.2), Hit("gone#1", 0.9)],
            [Hit(second, 0.2), Hit(first, 0.8)],
        )
    ]
    assert scores[0] == scores[1] == scores[2]


def test_its_like_speak_for_an_instruction(make: Make) -> None:
    entries = [make("a", "tar", prose="one"), make("b", "zip", prose="one"), make("c", "tar", prose="two")]
    assert names(ranked("zzz", entries, {"a": 0.5, "b": 0.52, "c": 0.7})) == ["c", "a"]
    assert names(ranked("zzz", entries, {"a": 0.5, "b": 0.52, "c": 0.3})) == ["b", "a"]


def test_a_common_command_ranks_above_a_rare_one(make: Make) -> None:
    entries = [make("a", "copy a file", run="sparsecopy x"), make("b", "copy a file", run="cp x y")]
    assert names(ranked("copy a file", entries, {"a": 0.6, "b": 0.6})) == ["b", "a"]


@pytest.mark.parametrize(
    ("words", "first"), [("erase the volume", "a"), ("display the volume", "b"), ("volume, remove it", "a")]
)
def test_what_is_to_be_done_decides_between_equals(words: str, first: str, make: Make) -> None:
    entries = [make("a", "x", prose="Delete disk"), make("b", "y", prose="Show disk")]
    assert names(ranked(words, entries, {"a": 0.5, "b": 0.5}))[0] == first


def test_the_plainer_of_equals_is_first(make: Make) -> None:
    entries = [make("a", "x", prose="Copy file over network preserving mode owner time"), make("b", "x", prose="Copy")]
    assert names(ranked("zzz", entries, {"a": 0.5, "b": 0.5})) == ["b", "a"]


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
    assert (with_phrase > same_words + 0.02) is says


def test_an_instruction_whose_tool_is_missing_ranks_below_its_like(make: Make) -> None:
    entries = [make("a", "disk", run="docker info"), make("b", "disk", run="podman info")]
    cosines = {"a": 0.62, "b": 0.6}
    assert [one.card.id for one in ranked("disk", entries, cosines)] == ["a", "b"]
    assert [one.card.id for one in ranked("disk", entries, cosines, tools=frozenset({"podman"}))] == ["b", "a"]


def test_a_much_better_one_stays_first_without_its_tool(make: Make) -> None:
    entries = [make("a", "container", run="docker ps"), make("b", "service", run="systemctl")]
    found = ranked("container", entries, {"a": 0.9, "b": 0.3}, tools=frozenset({"systemctl"}))
    assert found[0].card.id == "a"


@pytest.mark.parametrize(
    ("words", "meaning", "elsewhere", "confident"),
    [
        ("show the free disk space", 0.8, 0.2, True),
        ("show the free disk space", 0.5, 0.6, False),
        ("show the free disk space", 0.1, 0.2, False),
        ("space for tulips, roses and lavender", 0.5, 0.3, False),
        ("show the free disk space under /srv/data.old/7", 0.6, 0.2, True),
    ],
)
def test_trust_takes_meaning_and_words_and_a_request_of_the_trade(
    words: str,
    meaning: float,
    elsewhere: float,
    confident: bool,
    make: Make,
) -> None:
    (one,) = ranked(words, [make("a", "show free disk space")], {"a": meaning}, elsewhere=elsewhere)
    assert one.confident is confident


def test_trust_does_not_depend_on_the_size_of_the_library(make: Make) -> None:
    one, words = make("a", "show free disk space"), "how much space is free on the disk"
    others = [make(f"other{number}", f"topic {number}") for number in range(300)]
    alone = ranked(words, [one], {"a": 0.6})[0].confident
    assert ranked(words, [one, *others], {"a": 0.6})[0].confident is alone is True


def test_better_than_good_without_its_tool_is_still_told_apart(make: Make) -> None:
    entries = [make("a", "show disk", run="missing"), make("b", "show disk", run="df")]
    first, second = ranked("show disk", entries, {"a": 1.0, "b": 1.0}, tools=frozenset({"df"}))
    assert (first.card.id, second.card.id) == ("b", "a")
    assert 1 >= first.score > second.score


def test_scores_stay_between_0_and_1(make: Make) -> None:
    entries = [make("a", "show disk space", phrases=("disk space",)), make("b", run="missing")]
    best, worst = ranked("show disk space", entries, {"a": 1.0, "b": -1.0}, tools=frozenset({"uptime"}))
    assert 0.9 < best.score <= 1
    assert worst.score == 0


def test_nothing_to_rank() -> None:
    assert ranked("disk", [], {}) == []
