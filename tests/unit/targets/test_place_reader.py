import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.targets.place_reader import PlaceReader, Term

KNOWN = {"web-1": "name", "web": "group", "staging": "env", "eu-west-1": "region"}


def lookup(words: str) -> tuple[Term, ...]:
    return (Term(KNOWN[words], words),) if words in KNOWN else ()


def places(words: str):
    return PlaceReader(words, lookup, strict=True, accounts=False).places()


def test_a_place_has_its_parts_and_what_narrows_them():
    (place,) = places("show uptime on the web servers and web-1 in staging, please")
    assert [part.text for part in place.parts] == ["the web servers", "web-1"]
    assert all(part.within[0][0].text == "staging" for part in place.parts)
    assert place.text == "on the web servers and web-1 in staging"


@given(st.lists(st.sampled_from([*KNOWN, "on", "in", "and", ",", "except", "all", "servers", "not", "x", "."])))
def test_any_words_are_read(words):
    places(" ".join(words))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["on ", "on web ", "and ", "all ", "the web servers ", ", except ", "in staging "])
def test_long_words_are_read_in_time(piece):
    places("on web " + piece * (16_000 // len(piece)))
