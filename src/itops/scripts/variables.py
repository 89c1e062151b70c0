"""Shell variables: which assignments change what programs do, and which names hold nothing but numbers."""

import re
from typing import Final

from itops.scripts.shfmt import Node

_HARMLESS: Final = re.compile(
    r"LC_[A-Z]+|LANG|LANGUAGE|TZ|COLUMNS|LINES|NO_COLOR|TERM|DEBIAN_FRONTEND|POSIXLY_CORRECT|SYSTEMD_COLORS"
)
_PAGER: Final = re.compile(r"[A-Z_]*PAGER")
_MEANINGFUL: Final = re.compile(
    r"PATH|IFS|HOME|ENV|SHELL|SHELLOPTS|BASHOPTS|BASH_.*|PS[0-4]|PROMPT_COMMAND|CDPATH|GLOBIGNORE|EXECIGNORE|HIST[A-Z]+"
    r"|TMPDIR|(?:LD|DYLD|GIT|SSH|GREP|AWS|DOCKER|NODE|JAVA|_JAVA|MALLOC|OPENSSL|CURL|BASH|SUDO|NPM|GCONV)_.*"
    r"|(?:PYTHON|PERL|RUBY|LESS|KUBE|SSL|TERMINFO|RES_OPT|LOCPATH|NLSPATH|MAN).*|MORE|VISUAL|BROWSER"
    r"|.*(?:PAGER|EDITOR|PROXY|proxy|OPTIONS|OPTS|_COMMAND|_PRELOAD)"
)
_INTEGER: Final = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+(?:#[0-9A-Za-z]+)?)")
COUNTS: Final = frozenset({"#", "?", "$", "!", "RANDOM", "SECONDS", "LINENO", "EPOCHSECONDS", "UID", "EUID", "PPID"})
_EVALUATED: Final = frozenset({"Lit", "ParamExp", "CmdSubst", "ProcSubst", "SglQuoted", "ExtGlob"})


def assignment_problem(name: str, value: str, *, exported: bool, program: str = "") -> str:
    """Why an assignment may change what a program does; empty where it can't."""
    if name == "IFS" and program == "read":
        return ""
    if _PAGER.fullmatch(name) and value in {"", "cat"}:
        return ""
    if exported and not _HARMLESS.fullmatch(name):
        return f"the variable {name} is handed to a program and may change what it does"
    if _MEANINGFUL.fullmatch(name):
        return f"the variable {name} changes what the commands after it do"
    return ""


def name_problem(name: str) -> str:
    """Why a variable that something else than an assignment gives a value changes what the commands after it do."""
    return f"the variable {name} changes what the commands after it do" if _MEANINGFUL.fullmatch(name) else ""


def arithmetic_problem(node: object, numeric: frozenset[str]) -> str:
    """Why evaluating an arithmetic expression may run a command; empty where it holds only numbers."""
    if isinstance(node, list):
        return next((problem for child in node if (problem := arithmetic_problem(child, numeric))), "")
    if not isinstance(node, dict) or _is_number(node, numeric):
        return ""
    if node.get("Type") in _EVALUATED:
        return "arithmetic on a value that is only known at run time and may be code"
    fields = [value for key, value in node.items() if key not in {"Op", "Pos", "End", "OpPos"}]
    return arithmetic_problem(fields, numeric)


def _is_number(node: Node, numeric: frozenset[str]) -> bool:
    """Whether a part of an arithmetic expression is a number for certain."""
    if node.get("Type") == "Lit":
        text = node["Value"].strip()
        return not text or text in numeric or text in COUNTS or bool(_INTEGER.fullmatch(text))
    return node.get("Type") == "ParamExp" and _is_numeric_expansion(node, numeric)


def _is_numeric_expansion(node: Node, numeric: frozenset[str]) -> bool:
    name = node.get("Param", {}).get("Value", "")
    if node.get("Excl") or node.get("Exp") or node.get("Slice") or node.get("Repl"):
        return False
    if node.get("Length"):
        return "Index" not in node or arithmetic_problem(node["Index"], numeric) == ""
    return "Index" not in node and (name in numeric or name in COUNTS)


def numeric_names(tree: Node) -> frozenset[str]:
    """Variables that the script gives nothing but numbers."""
    given: dict[str, bool] = {}
    _collect(tree, given)
    return frozenset(name for name, numeric in given.items() if numeric)


def _collect(node: object, given: dict[str, bool]) -> None:
    if isinstance(node, list):
        for child in node:
            _collect(child, given)
    if not isinstance(node, dict):
        return
    for name, numeric in _given_here(node):
        given[name] = numeric and given.get(name, True)
    for child in node.values():
        _collect(child, given)


def _given_here(node: Node) -> list[tuple[str, bool]]:
    """Names that this node itself gives values to, and whether the values are numbers."""
    found: list[tuple[str, bool]] = []
    for assign in [*node.get("Assigns", ()), *(node.get("Args", ()) if node.get("Type") == "DeclClause" else ())]:
        name = assign.get("Name", {}).get("Value", "")
        plain = "Value" in assign and not assign.get("Array") and not assign.get("Append")
        found.append((name, plain and _is_numeric_word(assign["Value"])))
    if node.get("Type") == "WordIter":
        found.append(
            (node["Name"]["Value"], all(_is_numeric_word(item) for item in node.get("Items", [])) and "Items" in node)
        )
    if node.get("Type") == "CallExpr":
        texts = (part.get("Value", "") for word in node.get("Args", ())[1:] for part in word.get("Parts", ()))
        found.extend((text, False) for text in texts if isinstance(text, str) and text.isidentifier())
    return found


def _is_numeric_word(word: Node) -> bool:
    parts = word.get("Parts", [])
    if len(parts) != 1:
        return False
    part = parts[0]
    if part.get("Type") == "Lit":
        return bool(_INTEGER.fullmatch(part["Value"]) or re.fullmatch(r"\{\d+\.\.\d+\}", part["Value"]))
    return bool(part.get("Type") == "ArithmExp")
