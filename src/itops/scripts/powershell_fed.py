"""Files that a cmdlet of PowerShell reads because it is fed their names."""

from collections.abc import Sequence
from typing import Final

from itops.domain.script import Command
from itops.scripts.findings import Place
from itops.scripts.powershell_names import parameter
from itops.scripts.powershell_words import PsWord

_NAMED: Final = """
    ConvertFrom-Markdown Format-Hex Get-AuthenticodeSignature Get-Content Get-FileHash Get-Item Get-ItemProperty
    Get-ItemPropertyValue Get-PfxCertificate Import-Csv Import-PowerShellDataFile
"""
_READING: Final = frozenset(_NAMED.split())
_OPTIONAL: Final = frozenset({"Get-Acl", "Get-ChildItem"})
# Parameters whose values are no paths.
_OTHERS_NAMED: Final = """
    -Algorithm -Count -Delimiter -Depth -Encoding -ErrorAction -ErrorVariable -Exclude -Filter -Header -Include -Name
    -Offset -OutVariable -ReadCount -Stream -Tail -TotalCount -WarningAction
"""
_OTHERS: Final = frozenset(_OTHERS_NAMED.split())
# What gives files that its own words name, and what only chooses among them.
_LISTING: Final = frozenset({"Get-ChildItem", "Get-Item", "Get-Process", "Get-Command"})
_CHOOSING: Final = frozenset({"Where-Object", "Sort-Object", "Select-Object", "Get-Unique", "Get-Date"})
_CHOSEN: Final = frozenset({"-Filter", "-Include"})
_SHOWING: Final = frozenset({"Format-Hex", "Get-Content", "Import-Csv"})
_AT_RUN_TIME: Final = "$input"


def paths_fed(program: str, words: Sequence[PsWord], place: Place, before: Sequence[Command]) -> tuple[str, ...]:
    """The paths that the cmdlet gets from what feeds it; ``$input`` where only run time knows them.

    Files that come out of a list of files count as named by the words of that list. ``before``: the commands so far.
    """
    optional = program in _OPTIONAL
    if program not in _READING and not optional:
        return ()
    if _names_path(program, words):
        return ()
    if place.fed_text is not None:
        return tuple(place.fed_text.splitlines())
    if optional and not place.fed_by:
        return ()
    feeders = [name for name in place.fed_by if not name.startswith((".", "["))]
    listed = bool(set(feeders) & _LISTING) and set(feeders) <= {*_LISTING, *_CHOOSING}
    doubtful = any(_makes_fields(one) or (program in _SHOWING and _lists_all(one)) for one in before)
    return () if listed and not doubtful else (_AT_RUN_TIME,)


def _makes_fields(command: Command) -> bool:
    """Whether it may give its objects another path than they have."""
    return command.program == "Select-Object" and any("@{" in word for word in command.argv)


def _lists_all(command: Command) -> bool:
    """Whether it lists every file below a folder, whatever its name."""
    return command.program == "Get-ChildItem" and "-Recurse" in command.argv and not _CHOSEN & set(command.argv)


def _names_path(program: str, words: Sequence[PsWord]) -> bool:
    name = ""
    for word in words:
        if word.parameter:
            name = parameter(program, word.text)
        elif name in _OTHERS:
            name = "" if not word.joined else name
        else:
            return True
    return False
