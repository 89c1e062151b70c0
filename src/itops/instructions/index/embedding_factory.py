"""Embeddings by their name in the settings."""

from collections.abc import Callable
from pathlib import Path

from itops.errors import SettingsError
from itops.instructions.index.chroma_embeddings import ChromaEmbeddings
from itops.instructions.index.embeddings import Embeddings, MiniLmEmbeddings
from itops.instructions.index.remote_embeddings import OpenAiEmbeddings


def create_embeddings(setting: str, *, redact: Callable[[str], str] | None = None) -> Embeddings:
    """The embeddings that a setting names. Nothing is loaded or reached before they are first used.

    Args:
        setting: Empty for the model that is built in; ``file:PATH`` for another BERT-vocabulary ONNX file; ``chroma``
            for Chroma's own, which is fetched over the network; ``openai:MODEL`` for an OpenAI-compatible provider.
        redact: Applied to every text before it leaves for a provider.

    Raises:
        SettingsError: the setting has none of these forms.
    """
    if not setting.strip():
        return MiniLmEmbeddings()
    kind, _, rest = setting.strip().partition(":")
    if kind == "file" and rest:
        return MiniLmEmbeddings(Path(rest).expanduser().absolute())
    if kind == "chroma" and not rest:
        return ChromaEmbeddings()
    if kind == "openai" and rest:
        return OpenAiEmbeddings(rest, redact=redact)
    raise SettingsError(
        f"The embeddings {setting!r} are of no known kind.",
        mend="Set ITOPS_EMBEDDINGS to file:/path/model.onnx, chroma or openai:MODEL, "
        "or unset it to work with the model that is built in.",
    )
