"""Words in common, by their stems."""

import pytest

from itops.instructions.search.keyword_index import KeywordIndex, stems


def index_of(documents: list[str]) -> KeywordIndex:
    return KeywordIndex([stems(document) for document in documents])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("directories", "directory"),
        ("processes", "process"),
        ("restarting", "restarts"),
        ("stopped", "stop"),
        ("installed", "install"),
        ("services", "service"),
        ("certificates", "Certificate"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize("word", ["status", "process", "dns", "disk", "ssh", "red", "is"])
def test_short_and_foreign_words_are_left_whole(word: str) -> None:
    assert stems(word) in ([word], [])


def test_words_without_meaning_are_left_out() -> None:
    assert stems("Show me the disks of this box, please") == ["disk", "box"]


def test_the_best_document_is_the_one_with_the_words() -> None:
    index = index_of(["restart a service", "show the disk space", "stop a service"])
    scores = index.scores("restart the nginx service")
    assert scores.argmax() == 0
    assert scores[1] == 0
    assert 0 < scores[2] < scores[0] <= 1


def test_one_rare_word_of_many_is_no_full_match() -> None:
    index = index_of(["order the boot devices", *["show the disk space"] * 50])
    assert index.scores("order boot devices")[0] > 2 * index.scores("order pizza with cheese and olives")[0]


def test_values_that_no_document_knows_are_not_missed() -> None:
    index = index_of(["restart a service", "show the disk space"])
    assert index.scores("restart nginx-3.example.com")[0] == index.scores("restart")[0]


@pytest.mark.parametrize("documents", [[], ["", "the"], ["uptime"]])
def test_nothing_in_common_scores_nothing(documents: list[str]) -> None:
    assert list(index_of(documents).scores("pizza")) == [0] * len(documents)
    assert list(index_of(documents).scores("")) == [0] * len(documents)
