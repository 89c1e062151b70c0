"""The offline embedding: sentences of like meaning are near each other."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from itops.errors import StoreError
from itops.instructions.index import embeddings
from itops.instructions.index.embeddings import MiniLmEmbeddings, Span, embed_twice


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


def test_the_same_file_by_path_is_the_same_space(mini: MiniLmEmbeddings) -> None:
    other = MiniLmEmbeddings(embeddings._installed_model())
    assert other.name == mini.name
    assert other.embed(["x"]) == mini.embed(["x"])


def test_another_file_is_another_space(tmp_path: Path, mini: MiniLmEmbeddings) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"another model")
    assert MiniLmEmbeddings(path).name != mini.name
    with pytest.raises(StoreError, match="can't be read"):
        _ = MiniLmEmbeddings(tmp_path / "none.onnx").name


def test_a_texts_vector_does_not_depend_on_its_company(mini: MiniLmEmbeddings) -> None:
    texts = [f"{'word ' * (number * 7 % 250)}{number}" for number in range(60)]
    together = mini.embed(texts)
    for text, vector in zip(texts, together, strict=True):
        assert cosine(mini.embed([text])[0], vector) > 0.99999


def test_from_several_threads(mini: MiniLmEmbeddings) -> None:
    texts = [f"show the disks of host {number}" for number in range(40)]
    fresh = MiniLmEmbeddings()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fresh.embed(texts), range(4)))
    assert all(vectors == mini.embed(texts) for vectors in found)


def test_values_blur_a_request_less_than_they_would(mini: MiniLmEmbeddings) -> None:
    words = 'delete "the holiday photos of grandmother in Italy"'
    (wanted, blurred) = mini.embed(["delete files", words])
    assert cosine(mini.embed_request(words, [(7, len(words))]), wanted) > cosine(blurred, wanted) + 0.1


@pytest.mark.parametrize(("words", "values"), [("", []), ("/etc/hosts", [(0, 10)]), ("restart nginx", [])])
def test_where_nothing_else_is_said_a_request_is_its_words(
    mini: MiniLmEmbeddings, words: str, values: list[Span]
) -> None:
    (whole,) = mini.embed([words])
    assert mini.embed_request(words, values) == pytest.approx(whole, abs=1e-3)


def test_a_model_of_whole_texts_embeds_a_request_with_and_without_its_values(mini: MiniLmEmbeddings) -> None:
    vector = embed_twice(mini.embed, "delete 'x y' now", [(7, 12)])
    both = mini.embed(["delete 'x y' now", "delete now"])
    assert vector == pytest.approx([(a + b) / 2 for a, b in zip(*both, strict=True)], abs=1e-3)
