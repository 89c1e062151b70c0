"""What was worked out lately: the least recently used is forgotten first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """A bounded memory, safe from any thread. Two threads may work the same thing out; one of them is kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, work: Callable[[], Value]) -> Value:
        """The value of this key; worked out where it is not remembered."""
        return self.get_all([key], lambda _keys: {key: work()})[key]

    def get_all(self, keys: Collection[Key], work: Callable[[list[Key]], Mapping[Key, Value]]) -> dict[Key, Value]:
        """The values of these keys; those that are not remembered are worked out together."""
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
            for key in known:
                self._kept.move_to_end(key)
        missing = [key for key in keys if key not in known]
        if not missing:
            return known
        found = work(missing)
        with self._lock:
            self._kept.update(found)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return {**known, **found}
