"""What retrieval is compared with: each answers a query with the ids of its best ten, the embedding included."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from itops.instructions.index.embeddings import MiniLmEmbeddings
from retrieval_data import SEARCHED, Query, Row

if TYPE_CHECKING:
    from chromadb import Collection

TOP = 10
WORD = re.compile(r"[a-z0-9]+")

Vectors = np.ndarray[Any, np.dtype[Any]]
Answer = Callable[[Query], list[str]]


class Baselines:
    """BM25 over all fields, MiniLM over title and description (exact), Chroma over the same, and their weighted sum."""

    def __init__(self, rows: Sequence[Row], folder: Path) -> None:
        import bm25s  # type: ignore[import-untyped]

        self._rows = rows
        self._embeddings = MiniLmEmbeddings()
        self._vectors: Vectors = np.asarray(self._embeddings.embed([row.words for row in rows]), dtype=np.float32)
        platforms = np.array([row.platform for row in rows])
        self._shown = {name: np.isin(platforms, list(searched)) for name, searched in SEARCHED.items()}
        self._bm25 = bm25s.BM25()
        texts = [WORD.findall(f"{row.words} {row.about} {row.command}".lower()) for row in rows]
        self._bm25.index(texts, show_progress=False)
        self._known = {word for text in texts for word in text}
        self._chroma = chroma_alone(folder)
        fill_chroma(self._chroma, rows, self._vectors)

    def answers(self) -> dict[str, Answer]:
        return {
            "BM25 alone": lambda query: self._best(query, self._words(query)),
            "MiniLM alone (exact)": lambda query: self._best(query, self._meaning(query)),
            "Chroma alone (one collection, where filter)": self._of_chroma,
            "0.7 MiniLM + 0.3 BM25": lambda query: self._best(query, self._sum(query)),
        }

    def _words(self, query: Query) -> Vectors:
        words = [word for word in dict.fromkeys(WORD.findall(query.words.lower())) if word in self._known]
        found = self._bm25.get_scores(words) if words else np.zeros(len(self._rows))
        return np.asarray(found, dtype=np.float32)

    def _meaning(self, query: Query) -> Vectors:
        return self._vectors @ np.asarray(self._embeddings.embed([query.words])[0], dtype=np.float32)

    def _sum(self, query: Query) -> Vectors:
        words = np.where(self._shown[query.platform], self._words(query), 0)
        return 0.7 * self._meaning(query) + 0.3 * words / max(float(words.max()), 1e-6)

    def _best(self, query: Query, scores: Vectors) -> list[str]:
        shown = np.where(self._shown[query.platform], scores, -np.inf)
        few = np.argpartition(-shown, TOP)[:TOP]
        return [self._rows[place].id for place in few[np.argsort(-shown[few], kind="stable")]]

    def _of_chroma(self, query: Query) -> list[str]:
        return ask_chroma(self._chroma, self._embeddings, query)


def chroma_alone(folder: Path) -> "Collection":
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    space: Any = {"hnsw": {"space": "cosine"}}
    return client.get_or_create_collection("all", configuration=space, embedding_function=None)


def fill_chroma(collection: "Collection", rows: Sequence[Row], vectors: Vectors) -> None:
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        collection.add(
            ids=[row.id for row in part],
            embeddings=vectors[start : start + 1000],
            documents=[f"{row.words}\n{row.about}\n{row.command}" for row in part],
            metadatas=[{"platform": row.platform} for row in part],
        )


def ask_chroma(collection: "Collection", embeddings: MiniLmEmbeddings, query: Query) -> list[str]:
    where: Any = {"platform": {"$in": sorted(SEARCHED[query.platform])}}
    vector = embeddings.embed([query.words])[0]
    return collection.query(query_embeddings=vector, n_results=TOP, where=where, include=[])["ids"][0]
