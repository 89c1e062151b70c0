"""How much a request is about something that no IT library covers."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itops.instructions.index.embeddings import Embeddings

if TYPE_CHECKING:
    import numpy as np

_FILE: Final = Path(__file__).with_name("data") / "elsewhere.yaml"


class Elsewhere:
    """The topics that people bring up and that are not the operation of computers; embedded when first asked."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._lock = threading.Lock()
        self._topics: np.ndarray[Any, np.dtype[np.float64]] | None = None

    def nearness(self, vector: Sequence[float]) -> float:
        """The cosine of a request's vector with the nearest topic."""
        import numpy as np

        length = float(np.linalg.norm(vector))
        with self._lock:
            if self._topics is None:
                self._topics = np.asarray(self._embeddings.embed(_topics()), dtype=np.float64)
        return float((self._topics @ np.asarray(vector)).max()) / max(length, 1e-9)


def _topics() -> list[str]:
    import yaml

    topics: list[str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return topics
