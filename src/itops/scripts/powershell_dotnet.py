""".NET in PowerShell: method and static calls, casts, and fields that are set, each noted as a command of its own."""

import re
from typing import TYPE_CHECKING, Final

from itops.domain.effect import Effect
from itops.domain.script import Command
from itops.scripts.findings import Findings, Place
from itops.scripts.powershell_scope import Scope, commanding
from itops.scripts.powershell_syntax import walk, words_of
from itops.scripts.powershell_words import core, value_of, variable_name

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLS: Final = frozenset({"invokation_expression", "invokation_foreach_expression"})
# Conversions to these make a value and do nothing else.
_VALUE_NAMES: Final = """
    array bool boolean byte char datetime datetimeoffset decimal double float guid hashtable int int16 int32 int64
    io.fileattributes ipaddress long mailaddress math net.ipaddress net.mail.mailaddress nullable object ordered
    pscustomobject psobject regex sbyte securestring security.securestring short single string switch text.encoding
    timespan uint uint16 uint32 uint64 ulong uri ushort version void xml consolecolor dayofweek
    management.automation.pscredential pscredential
"""
_VALUES: Final = frozenset(_VALUE_NAMES.split())
# Fields whose value is code.
_CODE: Final = frozenset({"scriptblock", "invokecommand", "psbase", "psmethods", "definition"})
# Fields that hold a password or what unlocks a disk.
_SECRETS: Final = frozenset({"keyprotector", "password", "processmodel", "recoverypassword"})
_DRIVES: Final = frozenset({"env", "variable"})


class DotNet:
    """Notes what a text does to .NET objects.

    Args:
        findings: Where commands and problems are noted.
        scope: What the text defines.
    """

    def __init__(self, findings: Findings, scope: Scope) -> None:
        self._findings = findings
        self._scope = scope

    def note(self, node: "Node", place: Place) -> None:
        """Note what a node does, its own parts having been noted before."""
        if node.type in _CALLS:
            self._call(node, place)
        elif node.type == "member_access":
            name = words_of(node.children[-1]).strip("'\"").lower()
            if name in _CODE or (name in _SECRETS and not _is_owner(node)):
                self._command(f".{name}", (), place, dynamic=True)
        elif node.type == "element_access" and words_of(node.children[-2]).strip("'\"").lower() in _SECRETS:
            self._command(".password", (), place, dynamic=True)
        elif node.type == "type_literal" and not _is_receiver(node):
            kind = type_name(words_of(node))
            if re.sub(r"\[\]$", "", kind).removeprefix("nullable") not in _VALUES:
                self._command(f"[{kind}]", ("cast",), place, dynamic=False)
        elif node.type == "variable":
            self._variable(words_of(node))

    def methods_among(self, command: "Node", place: Place) -> None:
        """Calls of the form ``$x.y()`` among a command's words, which the grammar shows in two parts."""
        for elements in (child for child in command.children if child.type == "command_elements"):
            for before, after in zip(elements.children, elements.children[1:], strict=False):
                if after.type == "argument_list" and before.type != "command_argument_sep":
                    self._command(f".{_last_member(core(before))}", _arguments(after, self._scope), place, dynamic=True)

    def assigned(self, left: "Node", place: Place) -> None:
        """Note what setting the left side of an assignment does."""
        for node in walk(left):
            if node.type == "variable" and commanding(variable_name(words_of(node))):
                self._findings.problem(f"it sets {words_of(node)}, which changes what other commands do")
        for target in _targets(left):
            if target.type not in {"member_access", "element_access"}:
                continue
            owner = core(target.children[0])
            named = variable_name(words_of(owner)) if owner.type == "variable" else ""
            if target.type == "member_access" and named not in self._scope.tables:
                self._command(f".{_last_member(target)}=", (), place, dynamic=True)
            elif target.type == "element_access" and not named:
                self._command(".item=", (), place, dynamic=True)

    def _variable(self, text: str) -> None:
        drive, colon, _ = variable_name(text).partition(":")
        if colon and drive not in _DRIVES:
            self._findings.problem(f"it reads {text}, which is no plain variable")

    def _call(self, node: "Node", place: Place) -> None:
        receiver = core(node.children[0])
        arguments = next((child for child in node.children if child.type == "argument_list"), None)
        words = _arguments(arguments, self._scope) if arguments else ()
        member = next((child for child in node.children if child.type == "member_name"), None)
        name = _last_member(node) if member else "foreach"
        dynamic = any("$" in word for word in words)
        if member is not None and member.children and member.children[0].type not in {"simple_name", "string_literal"}:
            self._findings.problem(f"which method is called is only known at run time: {words_of(member)}")
        if receiver.type == "type_literal":
            self._command(f"[{type_name(words_of(receiver))}]", (name, *words), place, dynamic=dynamic)
        elif "string" in receiver.type:
            self._command("[string]", (name, *words), place, dynamic=dynamic)
        else:
            self._command(f".{name}", words, place, dynamic=dynamic)

    def _command(self, program: str, words: tuple[str, ...], place: Place, *, dynamic: bool) -> None:
        self._findings.commands.append(
            Command(
                program=program,
                argv=(program, *words),
                effect=Effect.UNKNOWN,
                dynamic=dynamic,
                wrappers=place.wrappers,
                fed_by=place.fed_by,
            )
        )


def type_name(text: str) -> str:
    """``[System.IO.File]`` → ``io.file``; without the types that a generic one holds."""
    name = re.sub(r"\s+", "", text)[1:-1].lower().removeprefix("system.")
    return re.sub(r"\[.+\]$", "", name) if name.startswith("collections.generic.") else name


def _is_owner(node: "Node") -> bool:
    """Whether another field is taken from what the node gives."""
    parent = node.parent
    return parent is not None and parent.type == "member_access" and parent.children[0] == node


def _targets(left: "Node") -> list["Node"]:
    """What an assignment sets: one target, or each of a list, out of its types."""
    node = core(left.children[0]) if left.children else left
    if node.type == "array_literal_expression":
        return [core(child) for child in node.children if child.is_named]
    while node.type in {"expression_with_unary_operator", "cast_expression"} and node.children:
        node = core(node.children[-1])
    return [node]


def _last_member(node: "Node") -> str:
    found = [child for child in node.children if child.type == "member_name"]
    return words_of(found[-1]).strip("'\"").lower() if found else "()"


def _arguments(node: "Node", scope: Scope) -> tuple[str, ...]:
    listed = [child for child in walk(node) if child.type == "argument_expression"]
    outer = [
        child
        for child in listed
        if child.parent and child.parent.type == "argument_expression_list" and child.parent.parent == node
    ]
    return tuple(value.text for child in outer for value in value_of(child, scope.constants))


def _is_receiver(node: "Node") -> bool:
    """Whether a type is named for a static member, in a catch, for a parameter or after ``-is``."""
    parent = node.parent
    while (
        parent is not None and parent.type not in {"command_elements", "catch_type_list"} and len(parent.children) == 1
    ):
        parent = parent.parent
    if parent is None:
        return False
    if parent.type in {*_CALLS, "member_access", "catch_type_list", "attribute", "command_elements"}:
        return True
    return parent.type == "comparison_expression" and any(
        words_of(c).lower() in {"-is", "-isnot"} for c in parent.children
    )
