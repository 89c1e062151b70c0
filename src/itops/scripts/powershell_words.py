"""Words of a PowerShell command as the command gets them: quotes decoded, parameters apart, run-time values marked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from itops.scripts.powershell_names import DASHES
from itops.scripts.powershell_syntax import words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPES: Final = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LITERALS: Final = frozenset({"true", "false", "null"})
_VARIABLE_NAMES: Final = """
    ALLUSERSPROFILE APPDATA COMPUTERNAME HOMEDRIVE HOMEPATH LOCALAPPDATA NUMBER_OF_PROCESSORS OS ProgramData
    ProgramFiles PUBLIC SystemDrive SystemRoot TEMP TMP USERDOMAIN USERDNSDOMAIN USERNAME USERPROFILE windir
"""
WELL_KNOWN: Final = {name.lower(): f"%{name}%" for name in _VARIABLE_NAMES.split()}
_PARAMETER: Final = re.compile(rf"[{DASHES}](?P<name>[A-Za-z?_][^\s:]*)(?P<value>:.*)?", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:\{[^}]*\}|\w+(?::\w+)?|[$?^])")
_PIECE: Final = re.compile(
    r"'(?P<single>(?:[^']|'')*)'|\"(?P<double>(?:`.|\"\"|[^`\"])*)\"|`(?P<escaped>.)|(?P<variable>\$(?:\{[^}]*\}|\w+(?::\w+)?|[$?^])(?:\.\w+)*)"
    r"|(?P<plain>[^\s'\"`$(){};|&<>,]+|\$(?![\w({]))",
    re.DOTALL,
)
# Nodes that hold one node and add nothing to it.
_SHELL_NAMES: Final = """
    additive_argument_expression additive_expression argument_expression array_literal_expression
    bitwise_argument_expression bitwise_expression comparison_argument_expression comparison_expression
    expression_with_unary_operator format_argument_expression format_expression integer_literal
    logical_argument_expression logical_expression multiplicative_argument_expression multiplicative_expression pipeline
    pipeline_chain program range_argument_expression range_expression script_block_body statement_list string_literal
    unary_expression
"""
_SHELLS: Final = frozenset(_SHELL_NAMES.split())
_PLAIN: Final = frozenset({"decimal_integer_literal", "hexadecimal_integer_literal", "real_literal", "type_literal"})
_SUMS: Final = frozenset({"additive_expression", "additive_argument_expression"})


@dataclass(frozen=True)
class PsWord:
    """One word. ``dynamic``: its value is only known at run time. ``parameter``: it is the name of a parameter.

    ``quoted``: it is a value whatever it looks like; ``block``: a script block; ``joined``: it belongs to the word
    before it (``-Name:value``); ``splat``: it stands for any number of words.
    """

    text: str
    dynamic: bool = False
    parameter: bool = False
    quoted: bool = False
    block: bool = False
    joined: bool = False
    splat: bool = False


Constants: TypeAlias = Mapping[str, tuple[str, ...]]


def core(node: "Node") -> "Node":
    """The node itself, out of all that only wraps it."""
    while node.type in _SHELLS:
        inner = [child for child in node.children if child.is_named and child.type != "comment"]
        if len(inner) != 1 or len(node.children) != len(inner):
            break
        node = inner[0]
    return node


def variable_name(text: str) -> str:
    """``$Script:Name`` and ``${name}`` → ``name``; a drive that is no scope stays (``env:path``)."""
    plain = text.lstrip("$@").strip("{}").lower()
    scope, colon, name = plain.partition(":")
    return name if colon and scope in {"script", "global", "local", "private", "using", "variable"} else plain


def value_of(node: "Node", constants: Constants) -> list[PsWord]:
    """The values that an expression stands for; more than one where it is a list."""
    node = core(node)
    if node.type == "array_literal_expression":
        return [word for child in node.children if child.is_named for word in value_of(child, constants)]
    if node.type in {"parenthesized_expression", "array_expression"}:
        return _bracketed(node, constants)
    if node.type == "variable" and len(known := constants.get(variable_name(words_of(node)), ())) > 1:
        return [PsWord(text, quoted=True) for text in known]
    return [_single(node, constants)]


def _bracketed(node: "Node", constants: Constants) -> list[PsWord]:
    inner = [child for child in node.children if child.is_named]
    found = core(inner[0]) if len(inner) == 1 else node
    if found.type in {"command", "pipeline", "pipeline_chain", "statement_list"} or found is node:
        return [_dynamic(words_of(node))]
    values = value_of(found, constants)
    return [_dynamic(words_of(node))] if any(value.dynamic for value in values) else values


def _single(node: "Node", constants: Constants) -> PsWord:
    text = words_of(node)
    if node.type == "cast_expression":
        values = value_of(node.children[-1], constants)
        return values[0] if len(values) == 1 else _dynamic(text)
    if node.type in _SUMS:
        return _sum(node, constants) or _dynamic(text)
    if node.type == "variable":
        return _variable(text, constants)
    return _literal(node.type, text, constants) or _dynamic(text)


def _literal(kind: str, text: str, constants: Constants) -> PsWord | None:
    """The value of a text, a number, a type, a block or a table."""
    inner = _here(text) if "here_string" in kind else text[1:-1]
    if kind.startswith("verbatim"):
        return PsWord(inner.replace("''", "'") if "here_string" not in kind else inner, quoted=True)
    if kind.startswith("expandable"):
        return expanded(inner.replace('""', '`"') if "here_string" not in kind else inner, constants)
    if kind == "script_block_expression":
        return PsWord(text, block=True)
    if kind == "hash_literal_expression":
        return PsWord(text, dynamic="$" in text or "(" in text, quoted=True)
    return PsWord(text) if kind in _PLAIN else None


def _sum(node: "Node", constants: Constants) -> PsWord | None:
    """Literal texts added together."""
    parts = [child for child in node.children if child.is_named]
    if words_of(node.children[1]) != "+" or len(parts) != 2:  # noqa: PLR2004 - left and right of the sign
        return None
    values = [value for part in parts for value in value_of(part, constants)]
    if len(values) != 2 or any(value.dynamic or not value.quoted for value in values):  # noqa: PLR2004 - as above
        return None
    return PsWord(values[0].text + values[1].text, quoted=True)


def _here(text: str) -> str:
    return "\n".join(text.split("\n")[1:-1])


def _dynamic(text: str) -> PsWord:
    """A value that only run time knows; its text always shows a ``$``."""
    return PsWord(text if "$" in text else f"$({text.removeprefix('(').removesuffix(')')})", dynamic=True)


def _variable(text: str, constants: Constants) -> PsWord:
    if text.startswith("@"):
        return PsWord(text, dynamic=True, splat=True)
    name = variable_name(text)
    if name in _LITERALS:
        return PsWord(text.lower())
    drive, _, rest = name.partition(":")
    if drive == "env" and rest in WELL_KNOWN:
        return PsWord(WELL_KNOWN[rest], quoted=True)
    return PsWord(" ".join(constants[name]), quoted=True) if name in constants else _dynamic(text)


def expanded(text: str, constants: Constants) -> PsWord:
    """The text of a double-quoted string: escapes decoded, known variables put in."""
    found: list[str] = []
    dynamic = False
    index = 0
    while index < len(text):
        if text[index] == "`" and index + 1 < len(text):
            found.append(_ESCAPES.get(text[index + 1], text[index + 1]))
            index += 2
        elif text[index] == "$" and (variable := _VARIABLE.match(text, index)):
            word = _variable(variable[0], constants)
            dynamic |= word.dynamic
            found.append(word.text)
            index = variable.end()
        else:
            dynamic |= text.startswith("$(", index)
            found.append(text[index])
            index += 1
    return PsWord("".join(found), dynamic=dynamic, quoted=True)


def bare(text: str, constants: Constants) -> PsWord | None:
    """A word of plain text, quotes and variables, decoded; nothing where it holds anything else."""
    found: list[str] = []
    dynamic = quoted = False
    index = 0
    while index < len(text):
        piece = _PIECE.match(text, index)
        if not piece:
            return None
        index = piece.end()
        if piece["single"] is not None:
            word = PsWord(piece["single"].replace("''", "'"), quoted=True)
        elif piece["double"] is not None:
            word = expanded(piece["double"].replace('""', '`"'), constants)
        elif piece["variable"] is not None:
            word = _variable(piece["variable"], constants)
        elif piece["escaped"] is not None:
            word = PsWord("" if piece["escaped"] == "\n" else _ESCAPES.get(piece["escaped"], piece["escaped"]))
        else:
            word = PsWord(piece["plain"])
        dynamic |= word.dynamic
        quoted |= word.quoted and not found
        found.append(word.text)
    return PsWord("".join(found), dynamic=dynamic, quoted=quoted)


def parameter_of(text: str) -> tuple[str, str | None] | None:
    """``-Name`` or ``-Name:value`` apart, whichever dash it begins with; nothing where the word is no parameter."""
    found = _PARAMETER.fullmatch(text)
    if not found:
        return None
    return found["name"], found["value"][1:] if found["value"] else None
