"""Importers by name: each is an entry point ``create() -> Importer`` in the group ``itops.importers``."""

from collections.abc import Callable
from typing import Final, cast

from itops import plugins
from itops.instructions.importers.importer import Importer

GROUP: Final = "itops.importers"


def create_importer(name: str) -> Importer:
    """The importer of this name.

    Raises:
        UsageError: the name is unknown, or what the importer needs is not installed. Nothing was imported.
    """
    return cast("Callable[[], Importer]", plugins.load(GROUP, name))()


def formats() -> tuple[str, ...]:
    """The names of every importer that installed distributions bring, in alphabetical order."""
    return plugins.names(GROUP)
