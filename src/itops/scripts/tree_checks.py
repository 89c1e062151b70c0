"""Constructs that may evaluate a value as code: names of names, prompts, arithmetic on what is not a number."""

from typing import Final

from itops.scripts.shfmt import Node
from itops.scripts.variables import arithmetic_problem, assignment_problem, name_problem

_ARITHMETIC: Final = frozenset({"ArithmExp", "ArithmCmd", "CStyleLoop", "LetClause"})
_ARITHMETIC_TESTS: Final = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_HARMLESS_OPERATORS: Final = frozenset("QUuLEAKak")


def node_problem(node: Node, numeric: frozenset[str]) -> str:
    """Why this very node may run something that can't be seen; empty where it can't."""
    kind = node.get("Type")
    if kind == "WordIter" or "N" in node:
        return _given_problem(node)
    if kind in _ARITHMETIC:
        return arithmetic_problem([node.get(field) for field in ("X", "Init", "Cond", "Post", "Exprs")], numeric)
    if kind in {"BinaryTest", "UnaryTest"}:
        return _test_problem(node, numeric)
    if kind in {"ParamExp", "DeclClause"}:
        return (_expansion_problem if kind == "ParamExp" else _declaration_problem)(node, numeric)
    return arithmetic_problem(node.get("Index"), numeric)


def _test_problem(node: Node, numeric: frozenset[str]) -> str:
    if node["Type"] == "UnaryTest":
        return "[[ -v may evaluate its word as code" if node["Op"] in {"-v", "-R"} else ""
    return arithmetic_problem([node["X"], node["Y"]], numeric) if node["Op"] in _ARITHMETIC_TESTS else ""


def _given_problem(node: Node) -> str:
    """Whether a loop, or a redirection like ``{name}< file``, gives a variable that changes what follows."""
    name = node["Name"] if node.get("Type") == "WordIter" else node["N"]
    return name_problem(str(name.get("Value", "")).strip("{}"))


def _expansion_problem(node: Node, numeric: frozenset[str]) -> str:
    if node.get("Excl") and not node.get("Names"):
        return "${!…} takes a value for the name of another"
    expansion = node.get("Exp", {})
    if expansion.get("Op") in {"=", ":="} and (problem := name_problem(node.get("Param", {}).get("Value", ""))):
        return problem
    if expansion.get("Op") == "@":
        parts = expansion.get("Word", {}).get("Parts", [{}])
        if parts[0].get("Value", "") not in _HARMLESS_OPERATORS:
            return "${…@P} evaluates a value as code"
    index = node.get("Index", {}).get("Parts", [{}])[0].get("Value")
    parts = [node["Index"]] if "Index" in node and index not in {"@", "*"} else []
    return arithmetic_problem([*parts, node.get("Slice")], numeric)


def _declaration_problem(node: Node, numeric: frozenset[str]) -> str:
    exported = node["Variant"]["Value"] == "export"
    for assign in node.get("Args", ()):
        parts = assign.get("Value", {}).get("Parts", [{}])
        text = str(parts[0].get("Value", "")) if parts else ""
        name = assign.get("Name", {}).get("Value", "")
        if not name and (len(parts) != 1 or parts[0].get("Type") != "Lit" or not text.startswith(("-", "+"))):
            return "which variable is declared is only known at run time"
        if not name and set(text) & set("in"):
            return f"{node['Variant']['Value']} {text} evaluates values as code"
        exported = exported or (not name and "x" in text)
        problem = name and not assign.get("Naked") and assignment_problem(name, text, exported=exported)
        if problem or (problem := arithmetic_problem(assign.get("Index"), numeric)):
            return problem
    return ""
