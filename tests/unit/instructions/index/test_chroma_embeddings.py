"""Chroma's own embedding: fetched at its first use, and only then."""

import math
import shutil
import socket
from pathlib import Path

import pytest
from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

from itops.errors import StoreError
from itops.instructions.index import embeddings
from itops.instructions.index.chroma_embeddings import ChromaEmbeddings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Chroma keeps its model; its download leads nowhere."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/onnx.tar.gz"
    monkeypatch.setattr(ONNXMiniLM_L6_V2, "DOWNLOAD_PATH", tmp_path)
    monkeypatch.setattr(ONNXMiniLM_L6_V2, "MODEL_DOWNLOAD_URL", address)
    return tmp_path


def fill(folder: Path) -> None:
    """As if the model had been fetched."""
    target = folder / "onnx"
    target.mkdir(exist_ok=True)
    for name in ("config.json", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt"):
        (target / name).write_text("{}")
    shutil.copy(embeddings._installed_model(), target / "model.onnx")
    embeddings._open_tokenizer().save(str(target / "tokenizer.json"))


def test_embeds_with_chromas_own_function(folder: Path) -> None:
    fill(folder)
    chroma, mini = ChromaEmbeddings(), embeddings.MiniLmEmbeddings()
    texts = ["reset a password", "show the disks", ""]
    for vector, other in zip(chroma.embed(texts), mini.embed(texts), strict=True):
        assert math.isclose(sum(a * b for a, b in zip(vector, other, strict=True)), 1, abs_tol=1e-4)
    assert chroma.embed([]) == []
    assert chroma.name != mini.name


def test_without_network_it_says_what_it_would_fetch(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    chroma = ChromaEmbeddings()
    with pytest.raises(StoreError, match="can't be fetched") as refusal:
        chroma.embed(["x"])
    assert ONNXMiniLM_L6_V2.MODEL_DOWNLOAD_URL in refusal.value.mend
    assert "ITOPS_EMBEDDINGS" in refusal.value.mend
    assert capfd.readouterr() == ("", "")
    fill(folder)
    assert len(chroma.embed(["x"])[0]) == 384, "once it is there, it works"
