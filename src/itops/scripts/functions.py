"""Functions of a script: their bodies by name, and which of them call themselves."""

from typing import Final

from itops.scripts.shfmt import Node

_PIPES: Final = frozenset({"|", "|&"})


def functions_of(tree: object) -> dict[str, list[Node]]:
    """Every function's bodies by its name; a name may be declared more than once, and anywhere."""
    found: dict[str, list[Node]] = {}
    for node in _nodes(tree):
        if node.get("Type") == "FuncDecl":
            found.setdefault(node["Name"]["Value"], []).append(node["Body"])
    return found


def certain_from(tree: Node) -> dict[str, int]:
    """Functions that are certain to be declared, by the offset in the text from which they are.

    Those declared under a condition, in a subshell or in the background are not; nor is any where a name is unset.
    """
    if any(
        node.get("Type") == "Lit" and node["Value"] in {"unset", "command_not_found_handle"} for node in _nodes(tree)
    ):
        return {}
    found: dict[str, int] = {}
    for statement in tree.get("Stmts", []):
        command = statement.get("Cmd", {})
        if command.get("Type") == "FuncDecl" and not statement.get("Background") and not statement.get("Coprocess"):
            found.setdefault(command["Name"]["Value"], statement["End"]["Offset"])
    return found


def endless(functions: dict[str, list[Node]]) -> frozenset[str]:
    """The functions that may call themselves, directly or through others."""
    calls = {name: _called(bodies) & functions.keys() for name, bodies in functions.items()}
    return frozenset(name for name in calls if name in _reachable(name, calls))


def multiplies(bodies: list[Node]) -> bool:
    """Whether a function starts processes beside its own: in a pipe or in the background."""
    return any(node.get("Background") or node.get("Op") in _PIPES for node in _nodes(bodies))


def _called(bodies: list[Node]) -> set[str]:
    """Every literal word of the bodies: whichever of them is a function's name may call it."""
    return {node["Value"] for node in _nodes(bodies) if node.get("Type") == "Lit"}


def _reachable(start: str, calls: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = calls[waiting.pop()] - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def _nodes(tree: object) -> list[Node]:
    if isinstance(tree, list):
        return [node for child in tree for node in _nodes(child)]
    if not isinstance(tree, dict):
        return []
    return [tree, *(node for child in tree.values() for node in _nodes(child))]
