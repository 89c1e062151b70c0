"""Which embeddings a setting names."""

import subprocess
import sys
from pathlib import Path

import pytest

from itops.errors import SettingsError
from itops.instructions.index import embeddings
from itops.instructions.index.chroma_embeddings import ChromaEmbeddings
from itops.instructions.index.embedding_factory import create_embeddings
from itops.instructions.index.embeddings import MiniLmEmbeddings
from itops.instructions.index.remote_embeddings import OpenAiEmbeddings


@pytest.mark.parametrize("setting", ["", "  "])
def test_the_model_that_is_built_in(setting: str) -> None:
    made = create_embeddings(setting)
    assert isinstance(made, MiniLmEmbeddings)
    assert len(made.embed(["x"])[0]) == 384


def test_a_file_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.onnx").symlink_to(embeddings._installed_model())
    monkeypatch.setenv("HOME", str(tmp_path))
    made = create_embeddings("file:~/model.onnx")
    assert made.name == create_embeddings("").name
    assert made.embed(["x"]) == create_embeddings("").embed(["x"])


def test_chroma_and_a_provider() -> None:
    assert isinstance(create_embeddings("chroma"), ChromaEmbeddings)
    made = create_embeddings("openai:org/model:latest")
    assert isinstance(made, OpenAiEmbeddings)
    assert made.name == "openai:org/model:latest"


@pytest.mark.parametrize(
    "setting", ["file:", "openai:", "openai", "file", "chroma:x", "/a/model.onnx", "cohere:x", ":"]
)
def test_anything_else_is_refused(setting: str) -> None:
    with pytest.raises(SettingsError, match="no known kind") as refusal:
        create_embeddings(setting)
    assert "ITOPS_EMBEDDINGS" in refusal.value.mend


def test_nothing_heavy_is_loaded_before_the_first_use() -> None:
    code = (
        "import sys; from itops.instructions.index.embedding_factory import create_embeddings\n"
        "[create_embeddings(setting).name for setting in ('', 'chroma', 'openai:m')]\n"
        "print([name for name in ('chromadb', 'onnxruntime', 'httpx', 'stamina', 'numpy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
