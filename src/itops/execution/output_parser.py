"""Output as data, where it plainly is data: JSON, settings, or a table with a header. Else nothing."""

import csv
import json
import re
from typing import Final, TypeAlias

from itops.domain.noun import Noun


class Table(Noun):
    """Rows under named columns; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Parsed: TypeAlias = Table | dict[str, object] | list[object]

_ROWS: Final = 10_000
_SETTING: Final = re.compile(r"([A-Za-z_][\w.-]*)=(.*)")
_HEADING: Final = re.compile(r"(?:\d*[A-Z]|[%#])[\w%#/().:-]*")
_GAP: Final = re.compile(r"  +")


def parse(text: str) -> Parsed | None:
    """What the text says as data; None where that would be a guess."""
    stripped = text.strip()
    if not stripped or "\N{REPLACEMENT CHARACTER}" in stripped:
        return None
    if stripped[0] in "{[":
        return _json(stripped)
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or len(lines) > _ROWS:  # noqa: PLR2004 - a heading and something under it
        return None
    return _settings(lines) or _separated(lines, "\t") or _separated(lines, ",") or _aligned(lines) or _spaced(lines)


def _json(text: str) -> Parsed | None:
    """One document, or one a line."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict | list) and found else None


def _settings(lines: list[str]) -> dict[str, object] | None:
    found = [_SETTING.fullmatch(line) for line in lines]
    pairs = {match[1]: match[2].strip('"') for match in found if match}
    return dict(pairs) if len(pairs) == len(lines) else None


def _separated(lines: list[str], mark: str) -> Table | None:
    """CSV or TSV: every line has as many cells, and the header's are names."""
    if mark not in lines[0]:
        return None
    try:
        header, *rows = csv.reader(lines, delimiter=mark, strict=True)
    except csv.Error:
        return None
    names = all(name.strip() and not name.strip()[0].isdigit() for name in header) and len(set(header)) == len(header)
    return _table(header, rows) if names and (mark == "\t" or " " not in "".join(header)) else None


def _aligned(lines: list[str]) -> Table | None:
    """Columns parted by two spaces or more, each starting where its heading does (kubectl, docker)."""
    header = lines[0]
    starts = [0, *(gap.end() for gap in _GAP.finditer(header))]
    names = _GAP.split(header)
    if len(names) < 2 or header[0] == " " or not all(_HEADING.match(name) for name in names):  # noqa: PLR2004 - a table
        return None
    if any(start and line[start - 1 : start].strip() for line in lines for start in starts):
        return None
    ends = [*starts[1:], None]
    rows = [[line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for line in lines[1:]]
    return _table(names, rows) if all(row[0] for row in rows) else None


def _spaced(lines: list[str]) -> Table | None:
    """Columns of single words (df, ps); the last may hold several, as may its heading."""
    names = re.sub(r"\bMounted on\b", "Mounted_on", lines[0]).split()
    if len(names) < 3 or not all(_HEADING.fullmatch(name) for name in names):  # noqa: PLR2004 - two words are a sentence
        return None
    rows = [line.split(maxsplit=len(names) - 1) for line in lines[1:]]
    return _table([name.replace("_", " ") for name in names], rows)


def _table(header: list[str], rows: list[list[str]]) -> Table | None:
    if not rows or any(len(row) != len(header) for row in rows):
        return None
    return Table(
        columns=tuple(name.strip() for name in header), rows=tuple(tuple(cell.strip() for cell in row) for row in rows)
    )
