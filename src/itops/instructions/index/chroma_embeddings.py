"""Chroma's own default embedding: the model is fetched over the network at its first use, then kept."""

import functools
import threading
from collections.abc import Sequence
from typing import Any

from itops.errors import StoreError
from itops.instructions.index.embeddings import Span, Vectors, embed_twice


class ChromaEmbeddings:
    """What Chroma embeds with when it is told nothing else. Loads at first use."""

    name = "chroma:all-MiniLM-L6-v2"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._function: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order."""
        self._load()
        return [vector.tolist() for vector in self._function(list(texts))] if texts else []

    def embed_request(self, words: str, values: Sequence[Span]) -> list[float]:
        """The mean of the request with and without its values."""
        return embed_twice(self.embed, words, values)

    def _load(self) -> None:
        with self._lock:
            if self._function is not None:
                return
            from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

            function: Any = ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])
            function.tqdm = functools.partial(function.tqdm, disable=True)
            try:
                function(["the first call fetches and opens the model"])
            except Exception as error:  # the network, the archive and onnxruntime raise errors of unrelated types
                raise _unavailable(error, str(function.MODEL_DOWNLOAD_URL)) from error
            self._function = function


def _unavailable(error: Exception, address: str) -> StoreError:
    return StoreError(
        f"Chroma's own embedding model can't be fetched or opened ({str(error).strip() or type(error).__name__}), "
        "so instructions can't be searched.",
        mend=f"It is fetched once, from {address}: let this machine reach that, "
        "or unset ITOPS_EMBEDDINGS to work with the model that is built in.",
    )
