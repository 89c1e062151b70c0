"""What is off in a PowerShell block: text it can't read, and words that fail elsewhere or give something away."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from itops.scripts.powershell_names import names
from itops.scripts.powershell_syntax import line_of, read_powershell, syntax_errors, walk, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_GONE: Final = {
    "get-eventlog": "Get-WinEvent",
    "get-wmiobject": "Get-CimInstance",
    "gwmi": "Get-CimInstance",
    "invoke-wmimethod": "Invoke-CimMethod",
    "remove-wmiobject": "Remove-CimInstance",
    "set-wmiinstance": "Set-CimInstance",
    "wmic": "Get-CimInstance",
    "wmic.exe": "Get-CimInstance",
}
_CODE: Final = frozenset({"iex", "invoke-expression"})
_WAITING: Final = frozenset({"get-credential", "ogv", "out-gridview", "pause", "read-host", "show-command"})
_SHOWING: Final = frozenset(
    {"add-content", "export-csv", "out-file", "out-host", "out-string", "set-content", "tee-object", "write-debug",
     "write-error", "write-host", "write-information", "write-output", "write-verbose", "write-warning"}
)  # fmt: skip
_SECRET: Final = re.compile(r"(?:password|passphrase|passwd|secret|token|api_?key)$", re.IGNORECASE)
_READ_IN: Final = re.compile(
    r"^\$(\w+)\s*=.*(?:\bReadLine\(|\bReadToEnd\(|\bRead-Host\b)", re.MULTILINE | re.IGNORECASE
)
_READ_ONLY: Final = frozenset(
    {"error", "executioncontext", "false", "home", "host", "pid", "psculture", "psedition", "pshome", "psuiculture",
     "psversiontable", "shellid", "true"}
)  # fmt: skip
_STOPS: Final = re.compile(r"\$ErrorActionPreference\s*=\s*['\"]?Stop\b", re.IGNORECASE)


def powershell_findings(text: str) -> list[str]:
    """What is off in a rendered block, each with its line; empty where nothing is to say."""
    root = read_powershell(text)
    errors = [f"Line {line_of(node)}: PowerShell can't read {_excerpt(node)}." for node in syntax_errors(root)]
    if errors:
        return errors
    read_in = {found[1].lower() for found in _READ_IN.finditer(text)}
    found = [finding for node in walk(root) for finding in _of_node(node, read_in)]
    if not _STOPS.search(text):
        found.append("Line 1: an error does not end the block; begin with $ErrorActionPreference = 'Stop'.")
    return list(dict.fromkeys(found))


def _of_node(node: "Node", read_in: set[str]) -> Iterator[str]:
    line = line_of(node)
    if node.type == "command_name":
        yield from (f"Line {line}: {finding}" for finding in _of_command(words_of(node)))
    elif node.type == "pipeline_chain_tail":
        yield f"Line {line}: Windows PowerShell 5.1 knows no && and ||; use if ($?) or two statements."
    elif node.type in ("left_assignment_expression", "foreach_statement"):
        yield from (f"Line {line}: ${name} can't be assigned to; use another name." for name in _overwritten(node))
    elif node.type in ("pipeline", "flow_control_statement"):
        yield from (f"Line {line}: the secret ${name} is shown." for name in _shown(node, read_in))
    elif node.type == "command" and _has_plain_secret(node):
        yield f"Line {line}: a secret stands in the text; read it from standard input."


def _of_command(word: str) -> Iterator[str]:
    name = word.lower()
    if name in _CODE:
        yield f"{word} runs text as code; write the command itself."
    elif name in _GONE:
        yield f"{word} is not in every PowerShell; use {_GONE[name]}."
    elif name in _WAITING:
        yield f"{word} waits for a person; no one is there."
    elif name in names().aliases:
        full = names().aliases[name][0]
        yield f"{word} is an alias, which differs between versions and systems; write {full}."


def _overwritten(node: "Node") -> Iterator[str]:
    """Variables that PowerShell keeps for itself, where one is assigned to or loops."""
    target = node if node.type == "left_assignment_expression" else _child(node, "variable")
    name = words_of(target).rpartition("$")[2].lower() if target else ""
    if name in _READ_ONLY:
        yield name


def _shown(node: "Node", read_in: set[str]) -> Iterator[str]:
    """Secrets that a statement prints, writes away or lets an error message hold."""
    for part in _printed(node):
        for variable in (each for each in walk(part) if each.type == "variable"):
            name = words_of(variable).removeprefix("$").strip("{}")
            if name.lower() in read_in or _SECRET.search(name):
                yield name


def _printed(node: "Node") -> Iterator["Node"]:
    """What of a statement is printed: an error's text, a value by itself, and what a showing command is given."""
    if node.type == "flow_control_statement":
        if words_of(node).lower().startswith("throw"):
            yield node
        return
    chain = _child(node, "pipeline_chain")
    parts = [each for each in chain.children if each.is_named] if chain else []
    value = parts[0] if parts and parts[0].type != "command" else None
    shows = False
    for part in parts:
        name = _child(part, "command_name")
        if name is not None and words_of(name).lower() in _SHOWING:
            shows = True
            yield part
    if value is not None and (shows or (len(parts) == 1 and _is_printed(node, value))):
        yield value


def _is_printed(node: "Node", value: "Node") -> bool:
    """Whether a pipeline is a statement by itself, of a value that holds no call and no part of another value."""
    alone = node.parent is not None and node.parent.type == "statement_list"
    return alone and not {each.type for each in walk(value)} & {"invokation_expression", "member_access"}


def _has_plain_secret(node: "Node") -> bool:
    name = _child(node, "command_name")
    if name is None or words_of(name).lower() != "convertto-securestring":
        return False
    kinds = {each.type for each in walk(node)}
    return "string_literal" in kinds and "variable" not in kinds


def _child(node: "Node", kind: str) -> "Node | None":
    return next((each for each in node.children if each.type == kind), None)


def _excerpt(node: "Node") -> str:
    text = words_of(node).strip().split("\n", 1)[0][:60]
    return repr(text) if text else f"the text: {node.type!r} is missing"
