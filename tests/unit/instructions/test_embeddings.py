"""The offline embedding: sentences of like meaning are near each other."""

import math
from pathlib import Path

import pytest

from itops.errors import StoreError
from itops.instructions import embeddings
from itops.instructions.embeddings import MiniLmEmbeddings


@pytest.fixture(scope="module")
def mini() -> MiniLmEmbeddings:
    return MiniLmEmbeddings()


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_meaning_is_near_and_nonsense_is_far(mini: MiniLmEmbeddings) -> None:
    reset, change, pizza, disk = mini.embed(
        ["reset password", "change the password of a user", "order me a pizza", "show the free disk space"]
    )
    assert cosine(reset, change) > 0.6
    assert cosine(reset, pizza) < 0.25
    assert cosine(reset, disk) < 0.25


def test_every_vector_has_length_1_and_its_place(mini: MiniLmEmbeddings) -> None:
    texts = [f"{'word ' * (number * 7 % 90)}{number}" for number in range(70)]
    vectors = mini.embed(texts)
    assert {len(vector) for vector in vectors} == {384}
    assert all(math.isclose(cosine(vector, vector), 1, abs_tol=1e-5) for vector in vectors)
    for number in (0, 13, 69):
        assert cosine(mini.embed([texts[number]])[0], vectors[number]) > 0.98


@pytest.mark.parametrize("text", ["", " ", "\0", "\u202e\U0001f355", "x" * 200_000])
def test_odd_texts_are_embedded_too(mini: MiniLmEmbeddings, text: str) -> None:
    (vector,) = mini.embed([text])
    assert math.isclose(cosine(vector, vector), 1, abs_tol=1e-5)


def test_nothing_comes_to_nothing(mini: MiniLmEmbeddings) -> None:
    assert mini.embed([]) == []


@pytest.mark.parametrize("content", [None, b"no model"])
def test_a_model_that_cant_be_opened_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=r"model\.onnx"):
        MiniLmEmbeddings(path).embed(["x"])


def test_an_altered_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_SHA256", "0" * 64)
    with pytest.raises(StoreError, match="missing or altered"):
        MiniLmEmbeddings().embed(["x"])


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_PACKAGE", "no-such-package")
    with pytest.raises(StoreError, match="no-such-package is not installed"):
        MiniLmEmbeddings().embed(["x"])


def test_another_file_by_path(mini: MiniLmEmbeddings) -> None:
    other = MiniLmEmbeddings(embeddings._installed_model())
    assert other.name != mini.name
    assert other.embed(["x"]) == mini.embed(["x"])
