"""How large a model is, as far as its name tells."""

import re
from typing import Final

SMALL_BILLIONS: Final = 3.0
"""Below this many parameters, taking the first instruction found is as good a choice as the model's."""

_SIZE: Final = re.compile(r"(?<![a-z0-9.])(?:(?P<experts>\d+)x)?(?P<number>\d+(?:\.\d+)?)(?P<unit>[bm])(?![a-z0-9])")
_MILLIONS: Final = 1000


def billions(spec: str) -> float | None:
    """The parameters that a name such as ``qwen2.5-coder:1.5b`` speaks of, in billions; ``None`` where it says none."""
    found = _SIZE.search(spec.lower())
    if found is None:
        return None
    size = float(found["number"]) * int(found["experts"] or 1)
    return size / _MILLIONS if found["unit"] == "m" else size
