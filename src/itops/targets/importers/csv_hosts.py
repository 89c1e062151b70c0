"""Hosts as CSV: a heading with the keys of targets, one target a line. Several words are parted by spaces or ``;``."""

import csv
import io
import re
from typing import Final

from itops.errors import UsageError
from itops.targets.entries import GroupEntry, TargetEntry
from itops.targets.importers.found import Found, Note

_LISTS: Final = frozenset({"tags", "groups", "via", "key_files", "certificate_files", "regions"})
_OTHER_NAMES: Final = {"hostname": "name", "address": "host", "ip": "host", "env": "environment", "group": "groups"}


def read_csv(text: str, source: str) -> Found:
    """The targets and groups of a text.

    Raises:
        UsageError: it has no heading, or a line is off. Nothing was taken.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        lines = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise _off(source, rows.line_num, str(error)) from error
    heading = [cell.strip().lower().replace(" ", "_") for cell in (lines[0][1] if lines else [])]
    columns = [_OTHER_NAMES.get(cell, cell) for cell in heading]
    if "name" not in columns or len(set(columns)) < len(columns):
        raise _off(source, 1, "the heading must name each column once, and one of them `name`")
    known = {*TargetEntry.model_fields, "name", "groups"} - {"options"}
    found, groups = Found(), dict[str, list[str]]()
    found.left += [Note(f"the column {column}", "it is no key of targets") for column in columns if column not in known]
    for number, row in lines[1:]:
        if len(row) != len(columns):
            raise _off(source, number, f"it has {len(row)} cells, the heading {len(columns)}")
        cells = {column: cell.strip() for column, cell in zip(columns, row, strict=True) if cell.strip()}
        values = {key: _value(key, cell) for key, cell in cells.items() if key in known - {"name", "groups"}}
        name = found.add_target(cells.get("name", ""), values)
        for group in _words(cells.get("groups", "")) if name else []:
            groups.setdefault(group, []).append(name)
    for group, members in groups.items():
        found.add_group(group, GroupEntry(members=tuple(members)))
    return found


def _value(key: str, cell: str) -> str | list[str]:
    return _words(cell) if key in _LISTS else cell


def _words(cell: str) -> list[str]:
    return [word for word in re.split(r"[\s;]+", cell) if word]


def _off(source: str, line: int, fault: str) -> UsageError:
    mend = "Columns are the keys of targets: name, host, port, user, platform, environment, tags, groups and so on."
    return UsageError(f"{source}, line {line}: {fault}.", world="Nothing was imported.", mend=mend)
