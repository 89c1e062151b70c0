"""Rows under named columns."""

from itops.domain.noun import Noun


class Table(Noun):
    """Every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
