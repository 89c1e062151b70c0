"""PowerShell: text → facts. What can't be read for certain is a problem, never passed over."""

import re
from typing import Final

from itops.domain.script import Facts
from itops.scripts.findings import DEPTH_LIMIT, TEXT_LIMIT, Findings, Place
from itops.scripts.lexical_gate import gate
from itops.scripts.powershell_calls import PowerShellCalls
from itops.scripts.powershell_cmd import read_cmd
from itops.scripts.powershell_syntax import line_of, read_powershell, syntax_errors
from itops.scripts.powershell_walk import PowerShellWalk

# PowerShell takes typographic quotes for plain ones.
_QUOTES: Final = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u201a\u201b", "'"), **dict.fromkeys("\u201c\u201d\u201e", '"')}
)
_COMMENTS: Final = re.compile(r"^[ \t]*#(?!requires).*$", re.MULTILINE | re.IGNORECASE)


def read_powershell_facts(text: str) -> Facts:
    """What a PowerShell script would run, by its parse alone; nothing of it is executed."""
    findings = Findings()
    _read(text, Place(), findings)
    return findings.facts()


def _read(text: str, place: Place, findings: Findings) -> None:
    """Read one text, the script's own or one found within it, into the findings."""
    plain = text.replace("\r\n", "\n").translate(_QUOTES)
    if not _may_read(plain, place, findings) or not _COMMENTS.sub("", plain).strip():
        return
    try:
        root = read_powershell(plain)
        errors = [line_of(node) for node in syntax_errors(root)]
        if errors:
            findings.problem(f"it can't be parsed as PowerShell: line {errors[0]}")
        PowerShellWalk(
            root,
            findings,
            lambda inner, where: _read(inner, where, findings),
            lambda inner, where: _read_cmd(inner, where, findings),
        ).walk(place)
    except RecursionError:
        findings.problem("it can't be read: it is nested too deeply")


def _read_cmd(text: str, place: Place, findings: Findings) -> None:
    if not _may_read(text, place, findings):
        return
    calls = PowerShellCalls(
        findings,
        lambda inner, where: _read(inner, where, findings),
        lambda inner, where: _read_cmd(inner, where, findings),
    )
    read_cmd(text, place, findings, calls.call)


def _may_read(text: str, place: Place, findings: Findings) -> bool:
    closed = gate(text)
    findings.texts += 1
    if closed or findings.texts > TEXT_LIMIT or place.depth > DEPTH_LIMIT:
        findings.problem(f"it can't be read: {closed[0] if closed else 'it is nested too deeply'}")
        return False
    return True
