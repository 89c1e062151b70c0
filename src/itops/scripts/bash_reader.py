"""Bash: text → facts. What can't be read for certain is a problem, never passed over."""

import contextlib

from itops.domain.script import Facts
from itops.scripts.bash_walk import BashWalk
from itops.scripts.findings import DEPTH_LIMIT, TEXT_LIMIT, Findings, Place
from itops.scripts.known_values import source_with
from itops.scripts.lexical_gate import gate
from itops.scripts.second_opinion import disagreement, readable_parts
from itops.scripts.shfmt import Unparsable, parse


def read_bash(text: str) -> Facts:
    """What a bash script would run, by its parse alone; nothing of it is executed.

    Raises:
        ItOpsUnavailable: there is no parser.
    """
    findings = Findings()
    _read(text, Place(), findings)
    return findings.facts()


def _read(text: str, place: Place, findings: Findings) -> None:
    """Read one text, the script's own or one found within it, into the findings."""
    closed = gate(text)
    findings.texts += 1
    if closed or findings.texts > TEXT_LIMIT or place.depth > DEPTH_LIMIT:
        findings.problem(f"it can't be read: {closed[0] if closed else 'it is nested too deeply'}")
        return
    try:
        _walk(text, place, findings)
    except Unparsable as error:
        findings.problem(f"it can't be parsed as bash: {error}")
        _read_parts(text, place, findings)
    except KeyError as error:
        findings.problem(f"it holds a construct that the reader does not know (without {error})")
    except RecursionError:
        findings.problem("it can't be read: it is nested too deeply")


def _walk(text: str, place: Place, findings: Findings) -> None:
    tree = parse(text)
    findings.problem(disagreement(text, tree))
    BashWalk(tree, source_with(text, tree), findings, lambda inner, where: _read(inner, where, findings)).walk(place)


def _read_parts(text: str, place: Place, findings: Findings) -> None:
    """Of a broken text, what can be read by itself: it asks anyway, but what is never allowed is not hidden by it."""
    for part in dict.fromkeys(readable_parts(text)):
        if part.strip() and part != text and not gate(part):
            with contextlib.suppress(Unparsable, KeyError, RecursionError):
                _walk(part, place, findings)
