"""What a PowerShell text defines: its functions, and the variables that hold one literal value throughout."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from itops.scripts.powershell_names import names
from itops.scripts.powershell_syntax import walk, words_of
from itops.scripts.powershell_words import Constants, core, value_of, variable_name

if TYPE_CHECKING:
    from tree_sitter import Node

# Words by which a variable may get a value out of sight.
_OUT_OF_SIGHT: Final = re.compile(
    r"\[ref\]|variable|-(?:v|va|var|ov|pv|ev|wv|iv|outv\w*|pipelinev\w*|errorv\w*|warningv\w*|informationv\w*|sessionv\w*)\b"
    r"|\b(?:sv|nv|iex|rv|clv)\b|invoke-expression|(?:^|[;|{(\n])\s*set\b",
    re.IGNORECASE,
)
# Variables that change what other commands do.
_COMMANDING: Final = frozenset(
    {"psdefaultparametervalues", "psmoduleautoloadingpreference", "executioncontext", "psnativecommandargumentpassing"}
)
_TYPES: Final = re.compile(r"(?:system\.)?(?:string|int|int32|int64|long|uint32|double|decimal)", re.IGNORECASE)


@dataclass(frozen=True)
class Function:
    """A function: the byte from which it is there for certain (none where that depends), and where its body ends."""

    certain_from: int | None
    end: int


@dataclass(frozen=True)
class Scope:
    """Definitions of one text."""

    constants: Constants
    functions: Mapping[str, Function]
    tables: frozenset[str]

    def calls_function(self, name: str, at: int) -> bool:
        """Whether a name, at this byte, is certain to be one of the text's own functions."""
        function = self.functions.get(name.lower())
        return function is not None and function.certain_from is not None and at >= function.certain_from


def scope_of(root: "Node") -> Scope:
    """The definitions of a text."""
    nodes = list(walk(root))
    hidden = bool(_OUT_OF_SIGHT.search(words_of(root)))
    values = _assigned(nodes)
    constants = {} if hidden else {name: value for name, value in values.items() if value is not None}
    return Scope(constants, _functions(nodes), _tables(nodes))


def commanding(name: str) -> bool:
    """Whether setting a variable changes what other commands do."""
    return name in _COMMANDING or ":" in name


def shadows(name: str) -> bool:
    """Whether a function of this name would stand in the place of something known."""
    lower = name.lower()
    return lower in names().aliases or lower in names().programs or lower in names().parameters or "\\" in lower


def _assigned(nodes: list["Node"]) -> dict[str, tuple[str, ...] | None]:
    """Every variable that gets a value; with the value where it gets one, once, and that is literal."""
    found: dict[str, tuple[str, ...] | None] = {}
    for node in nodes:
        if node.type == "assignment_expression":
            for name, value in _of_assignment(node):
                found[name] = None if name in found else value
        elif node.type in _BINDING:
            for child in walk(node) if node.type not in {"foreach_statement", "script_parameter"} else node.children:
                if child.type == "variable":
                    found[variable_name(words_of(child))] = None
    return found


_BINDING: Final = frozenset(
    {
        "foreach_statement", "script_parameter", "post_increment_expression", "post_decrement_expression",
        "pre_increment_expression", "pre_decrement_expression",
    }
)  # fmt: skip


def _of_assignment(node: "Node") -> list[tuple[str, tuple[str, ...] | None]]:
    left, operator, *_ = node.children
    variables = [variable_name(words_of(child)) for child in walk(left) if child.type == "variable"]
    target = core(left.children[0]) if left.children else left
    plain = target.type == "variable"
    if target.type in {"cast_expression", "expression_with_unary_operator"}:
        kinds = [words_of(child).strip("[]") for child in walk(target) if child.type == "type_literal"]
        plain = len(variables) == 1 and len(kinds) == 1 and bool(_TYPES.fullmatch(kinds[0]))
    if not plain or len(variables) != 1 or words_of(operator).strip() != "=":
        return [(name, None) for name in variables]
    values = value_of(node.children[-1], {})
    literal = values and not any(value.dynamic or value.block or "@{" in value.text for value in values)
    return [(variables[0], tuple(value.text for value in values) if literal else None)]


def _functions(nodes: list["Node"]) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for node in nodes:
        name = next((words_of(child) for child in node.children if child.type == "function_name"), "")
        if node.type == "function_statement" and name:
            top = node.parent is not None and (node.parent.type == "program" or _is_top(node.parent))
            plain = name.lower().rpartition(":")[2]
            found[plain] = Function(node.end_byte if top and plain not in found else None, node.end_byte)
    return found


def _is_top(node: "Node") -> bool:
    return node.type == "statement_list" and node.parent is not None and node.parent.type == "program"


def _tables(nodes: list["Node"]) -> frozenset[str]:
    """Variables that only ever hold a table made in the text itself, so that setting one of its fields is no change."""
    found: dict[str, bool] = {}
    for node in nodes:
        if node.type == "assignment_expression":
            target = core(node.children[0].children[0]) if node.children[0].children else node
            if target.type == "variable":
                text = words_of(node.children[-1]).strip().lower()
                made = bool(re.match(r"(?:\[(?:pscustomobject|ordered|hashtable)\]\s*)?@\{", text)) and text.endswith(
                    "}"
                )
                name = variable_name(words_of(target))
                found[name] = found.get(name, True) and made
    return frozenset(name for name, made in found.items() if made)
