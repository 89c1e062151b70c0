"""Requests about something that no IT library covers."""

from typing import Any

import pytest

from itops.instructions.index.embeddings import MiniLmEmbeddings
from itops.instructions.search.elsewhere import Elsewhere


@pytest.fixture(scope="module")
def embeddings() -> MiniLmEmbeddings:
    return MiniLmEmbeddings()


def test_the_ordinary_life_is_nearer_than_the_trade(embeddings: MiniLmEmbeddings) -> None:
    elsewhere = Elsewhere(embeddings)
    wine, devices = embeddings.embed(["which wine goes with fish", "list the block devices"])
    assert elsewhere.nearness(wine) > elsewhere.nearness(devices) + 0.1


def test_the_length_of_a_vector_does_not_matter(embeddings: MiniLmEmbeddings) -> None:
    elsewhere = Elsewhere(embeddings)
    (vector,) = embeddings.embed(["book a table for two"])
    assert elsewhere.nearness([each / 3 for each in vector]) == pytest.approx(elsewhere.nearness(vector))
    assert elsewhere.nearness([0.0] * len(vector)) == 0


def test_topics_are_embedded_once(letters: Any) -> None:
    elsewhere = Elsewhere(letters)
    (vector,) = letters.embed(["abc"])
    elsewhere.nearness(vector)
    embedded = len(letters.embedded)
    elsewhere.nearness(vector)
    assert len(letters.embedded) == embedded > 1
