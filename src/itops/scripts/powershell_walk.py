"""The walk through a PowerShell syntax tree: every command, method call and cast, wherever it hides."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from itops.scripts.findings import Findings, Place
from itops.scripts.powershell_calls import PowerShellCalls, PsCall, call_of
from itops.scripts.powershell_dotnet import DotNet
from itops.scripts.powershell_elements import elements_of, written_by
from itops.scripts.powershell_names import resolve
from itops.scripts.powershell_scope import Scope, scope_of, shadows
from itops.scripts.powershell_syntax import walk, words_of
from itops.scripts.powershell_words import PsWord, bare, core, value_of, variable_name

if TYPE_CHECKING:
    from tree_sitter import Node

_UNKNOWN: Final = {
    "class_statement": "a class",
    "enum_statement": "an enum",
    "data_statement": "a data section",
    "inlinescript_statement": "a workflow",
    "parallel_statement": "a workflow",
    "sequence_statement": "a workflow",
    "trap_statement": "a trap",
}
_ATTRIBUTES: Final = re.compile(
    r"(?:CmdletBinding|Parameter|Alias|OutputType|Allow\w+|Validate\w+|SuppressMessage\w*)", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"-?[\d.]+(?:\.\.-?\d+)?(?:[KMGTP]B|[ldn])?", re.IGNORECASE)
_DIRECTORY: Final = re.compile(r"(?:Get|Search)-AD[A-Z]\w+")
_KEYWORDS: Final = frozenset({"using", "configuration", "dynamicparam", "clean", "begin", "process", "end"})
_EXPANDABLE: Final = frozenset({"expandable_string_literal", "expandable_here_string_literal"})


class PowerShellWalk:
    """Walks one text's tree and notes what it finds.

    Args:
        root: The text's syntax tree.
        findings: Where commands and problems are noted.
        read_text: Reads a PowerShell text found within, at its own place.
        read_cmd: Reads a text for cmd.exe found within.
    """

    def __init__(
        self,
        root: "Node",
        findings: Findings,
        read_text: Callable[[str, Place], None],
        read_cmd: Callable[[str, Place], None],
    ) -> None:
        self._root = root
        self._findings = findings
        self._scope: Scope = scope_of(root)
        self._calls = PowerShellCalls(findings, read_text, read_cmd)
        self._dotnet = DotNet(findings, self._scope)
        self._given: dict[str, tuple[str, ...]] = {}

    def walk(self, place: Place) -> None:
        """Note every command and problem of the tree."""
        self._node(self._root, place)

    def _node(self, node: "Node", place: Place) -> None:
        kind = node.type
        if kind in _UNKNOWN:
            self._findings.problem(f"it holds {_UNKNOWN[kind]}, which the reader does not know")
        if kind == "pipeline_chain":
            self._pipeline(node, place)
        elif kind == "command":
            self._command(node, place)
        elif kind == "assignment_expression":
            self._assignment(node, place)
        elif kind == "function_statement":
            self._function(node, place)
        elif kind not in {"generic_token", "verbatim_string_characters", "verbatim_here_string_characters"}:
            self._other(node, place)

    def _other(self, node: "Node", place: Place) -> None:
        if node.type == "comment" and words_of(node).lower().startswith("#requires"):
            self._findings.problem("it requires modules or rights (#requires)")
        elif node.type == "attribute_name" and not _ATTRIBUTES.fullmatch(words_of(node)):
            self._findings.problem(f"it holds the attribute {words_of(node)}, which may run code")
        elif node.type in _EXPANDABLE:
            self._expandable(node)
        elif node.type == "switch_filename":
            self._switched(node, place)
        self._children(node, place)
        self._dotnet.note(node, place)

    def _switched(self, node: "Node", place: Place) -> None:
        """The file that a ``switch -File`` reads line by line."""
        word = bare(words_of(node), self._scope.constants) or PsWord(f"$({words_of(node)})", dynamic=True)
        self._calls.note("Get-Content", PsCall(("Get-Content",), (word,)), place)

    def _children(self, node: "Node", place: Place) -> None:
        for child in node.children:
            if child.is_named:
                self._node(child, place)

    def _expandable(self, node: "Node") -> None:
        """A ``$(`` of a string that the tree does not show as one is a problem."""
        text = (node.text or b"").decode(errors="replace")
        held = sum(words_of(child).count("$(") for child in node.children)
        free = len(re.findall(r"\$\(", re.sub(r"`.", "  ", text, flags=re.DOTALL)))
        shown = sum(
            len(re.findall(r"\$\(", re.sub(r"`.", "  ", words_of(child), flags=re.DOTALL))) for child in node.children
        )
        if free != shown and free > held:
            self._findings.problem("a string of it can't be taken apart")

    def _pipeline(self, node: "Node", place: Place) -> None:
        """The parts of a pipeline: each is fed by those before it."""
        fed: tuple[str, ...] = place.fed_by
        text: str | None = place.fed_text
        for part in [child for child in node.children if child.is_named]:
            begun = len(self._findings.commands)
            self._node(part, replace(place, fed_by=fed, fed_text=text))
            if part.type in {"redirection", "redirections"}:
                self._written(written_by(part, self._scope.constants), place)
            fed = tuple(dict.fromkeys((*fed, *self._programs_since(begun), *self._given_in(part))))
            text = None
            if part.type not in {"command", "redirections"}:
                self._shown(part, place)
                values = value_of(part, self._scope.constants)
                if values and not any(value.dynamic or value.block for value in values):
                    text = "\n".join(value.text for value in values)

    def _shown(self, node: "Node", place: Place) -> None:
        """Variables of the environment that an expression shows."""
        shown = [words_of(each) for each in walk(node) if each.type == "variable" and "env:" in words_of(each).lower()]
        if shown:
            words = tuple(PsWord(text, dynamic=True) for text in dict.fromkeys(shown))
            self._calls.note("Write-Output", PsCall(("Write-Output",), words), place)

    def _programs_since(self, begun: int) -> tuple[str, ...]:
        return tuple(command.program for command in self._findings.commands[begun:])

    def _given_in(self, node: "Node") -> tuple[str, ...]:
        """The programs whose output the variables in a part of the text were given."""
        variables = [variable_name(words_of(each)) for each in walk(node) if each.type == "variable"]
        return tuple(program for name in variables for program in self._given.get(name, ()))

    def _command(self, node: "Node", place: Place) -> None:
        begun = len(self._findings.commands)
        elements = elements_of(node, self._scope.constants)
        for problem in elements.problems:
            self._findings.problem(problem)
        self._parts(node, replace(place, fed_text=None))
        self._dotnet.methods_among(node, place)
        inner = (*self._programs_since(begun), *self._given_in(node))
        writes = tuple(elements.writes)
        head = self._head(node)
        if head is None or (_NUMBER.fullmatch(head.text) and not head.quoted):
            self._written(writes, place)
            return
        if ">" in head.text and not head.quoted:
            self._findings.problem("where its output goes can't be read")
        if head.dynamic:
            self._findings.problem(f"which program runs is only known at run time: {head.text[:60]}")
        if head.text.lower() in _KEYWORDS:
            self._findings.problem(f"it holds a construct that the reader does not know ({head.text})")
        if not head.dynamic and self._scope.calls_function(head.text, node.start_byte):
            self._written(writes, place)
            return
        call = call_of(head.text, tuple(elements.words), writes, tuple(dict.fromkeys(inner)))
        self._calls.call(call, place)

    def _parts(self, node: "Node", place: Place) -> None:
        """What stands within a command's words; a filter for the directory is a block that does not run."""
        head = self._head(node)
        asks = head is not None and _DIRECTORY.fullmatch(resolve(head.text)[0])
        for part in node.children:
            before = ""
            for child in part.children if asks and part.type == "command_elements" else ():
                filters = before == "-filter" and core(child).type == "script_block_expression"
                if not filters or "$(" in words_of(child):
                    self._node(child, place)
                before = words_of(child).lower() if child.type != "command_argument_sep" else before
            if part.is_named and not (asks and part.type == "command_elements"):
                self._node(part, place)

    def _written(self, writes: tuple[str, ...], place: Place) -> None:
        if writes:
            self._calls.note("Out-File", PsCall(("Out-File",), (), writes), place)

    def _head(self, node: "Node") -> PsWord | None:
        """The word that says what runs; nothing where it is a script block, whose commands are noted by themselves."""
        name = next((child for child in node.children if child.type in {"command_name", "command_name_expr"}), None)
        if name is None:
            return PsWord(words_of(node), dynamic=True)
        if name.type == "command_name_expr" and name.children:
            name = name.children[0]
        if name.type in {"command_name", "path_command_name"}:
            return bare(words_of(name), self._scope.constants) or PsWord(words_of(name), dynamic=True)
        values = value_of(name, self._scope.constants)
        if len(values) == 1 and values[0].block:
            return None
        return values[0] if len(values) == 1 else PsWord(words_of(name), dynamic=True)

    def _assignment(self, node: "Node", place: Place) -> None:
        begun = len(self._findings.commands)
        self._children(node, place)
        left = node.children[0]
        self._dotnet.assigned(left, place)
        target = core(left.children[0]) if left.children else left
        if target.type == "variable":
            name = variable_name(words_of(target))
            given = (*self._programs_since(begun), *self._given_in(node.children[-1]))
            self._given[name] = tuple(dict.fromkeys((*self._given.get(name, ()), *given)))

    def _function(self, node: "Node", place: Place) -> None:
        if node.children and words_of(node.children[0]).lower() == "workflow":
            self._findings.problem("it holds a workflow, which the reader does not know")
        name = next((words_of(child) for child in node.children if child.type == "function_name"), "")
        known = resolve(name) != (name,) and not resolve(name)[0].lower().startswith(name.lower())
        if shadows(name) or known or "." in name or "-" in name:
            self._findings.problem(f"the function {name} may stand in the place of a command")
        self._children(node, replace(place, fed_by=(), fed_text=None))
