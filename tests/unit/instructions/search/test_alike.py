"""Words of the trade that ask for the same."""

from itops.instructions.search.alike import trade
from itops.instructions.search.keyword_index import stems


def test_words_of_a_group_are_alike_by_their_stems() -> None:
    (one,), (other,) = stems("removing"), stems("deletes")
    assert other in trade().alike[one]
    assert one in trade().verbs


def test_a_word_of_two_groups_is_like_both() -> None:
    assert {"modifi", "upgrad"} <= trade().alike["updat"]


def test_nouns_are_no_verbs() -> None:
    assert "folder" in trade().alike["directori"]
    assert "folder" not in trade().verbs
