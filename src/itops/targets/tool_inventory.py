"""What programs a target has, asked once and kept."""

import asyncio
import os
from pathlib import Path
from typing import Final

from itops.domain.target import Target

_HERE: Final = "system"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ToolInventory:
    """The names of the programs on this machine's search path."""

    def __init__(self, search_path: str = SEARCH_PATH) -> None:
        self._folders = [Path(folder) for folder in search_path.split(":")]
        self._known: frozenset[str] | None = None

    async def __call__(self, target: Target) -> frozenset[str] | None:
        """The programs this target has; None where it is another machine, which nobody has asked."""
        if target.executor != _HERE:
            return None
        if self._known is None:
            self._known = await asyncio.to_thread(self._look)
        return self._known

    def _look(self) -> frozenset[str]:
        names: set[str] = set()
        for folder in self._folders:
            if folder.is_dir():
                with os.scandir(folder) as entries:
                    names.update(entry.name for entry in entries)
        return frozenset(names)
