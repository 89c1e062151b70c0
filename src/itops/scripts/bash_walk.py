"""The walk through a bash syntax tree: every simple command with its true words, wherever it hides."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from itops.domain.script import Command
from itops.scripts.bash_calls import BashCalls, Call
from itops.scripts.findings import NO_REDIRECTIONS, Findings, Place, Redirections
from itops.scripts.found_names import found_names
from itops.scripts.functions import certain_from, endless, functions_of, multiplies
from itops.scripts.known_values import Source, loop_items, single_values
from itops.scripts.literal_output import literal_output
from itops.scripts.redirections import redirections_of
from itops.scripts.shfmt import Node
from itops.scripts.tree_checks import node_problem
from itops.scripts.variables import assignment_problem, name_problem, numeric_names
from itops.scripts.words import Word, words_of

_COMPOUND_NAMES: Final = """
    Block Subshell IfClause WhileClause ForClause CaseClause BinaryCmd FuncDecl ArithmCmd TestClause DeclClause
    LetClause TimeClause CoprocClause
"""
LOOP_LIMIT: Final = 4
_COMPOUND: Final = frozenset(_COMPOUND_NAMES.split())


class BashWalk:
    """Walks one text's tree and notes what it finds.

    Args:
        tree: The text's syntax tree.
        source: The text in bytes, which the tree's positions count, with what is known of its variables.
        findings: Where commands and problems are noted.
        read_text: Reads a text found within (for a shell, eval, …) at its own place.
    """

    def __init__(self, tree: Node, source: Source, findings: Findings, read_text: Callable[[str, Place], None]) -> None:
        self._tree = tree
        self._source = source
        self._findings = findings
        self._numeric = numeric_names(tree)
        self._functions = functions_of(tree)
        self._certain = certain_from(tree)
        self._values = single_values(tree, source)
        self._loops = 0
        self._calls = BashCalls(findings, read_text, self._call_function, self._numeric)

    def walk(self, place: Place) -> None:
        """Note every command and problem of the tree."""
        for name in sorted(endless(self._functions)):
            if multiplies(self._functions[name]):
                self._findings.fork_bomb(name)
            self._findings.problem(f"the function {name} may call itself without end")
        self._descend(self._tree.get("Stmts", []), place)

    def _descend(self, node: object, place: Place) -> None:
        if isinstance(node, list):
            for child in node:
                self._descend(child, place)
        elif isinstance(node, dict):
            if "Type" not in node and ("Cmd" in node or "Redirs" in node):
                self._statement(node, place)
                return
            self._findings.problem(node_problem(node, self._numeric))
            for child in node.values():
                self._descend(child, place)

    def _statement(self, statement: Node, place: Place) -> None:
        self._learn(statement)
        for redirect in statement.get("Redirs", ()):
            self._descend(redirect, place)
        redirections = redirections_of(statement, self._source)
        if redirections.text is not None or redirections.reads:
            place = replace(place, fed_by=(), fed_names="", fed_text=redirections.text, reads=redirections.reads)
        command = statement.get("Cmd")
        if command and command.get("Type") == "CallExpr":
            self._simple(command, redirections, place)
            return
        self._findings.redirection(redirections, place)
        if command:
            self._compound(command, place)

    def _learn(self, statement: Node) -> None:
        """Take note of the variables that are certain at this statement."""
        offset = statement["Pos"]["Offset"]
        known = {name: value for name, (since, value) in self._values.items() if offset >= since}
        if known.keys() - self._source.known.keys():
            self._source = self._source.knowing(known)

    def _loop(self, node: Node, place: Place) -> bool:
        """Walk a loop over literal words once for each of them; false where it is another loop."""
        name, items = loop_items(node, self._source)
        outer = self._source
        self._findings.problem(name_problem(name))
        for item in items:
            self._source = outer.knowing({name: item})
            self._descend(node["Do"], place)
        self._source = outer
        return bool(items)

    def _compound(self, node: Node, place: Place) -> None:
        if node.get("Type") not in _COMPOUND:
            self._findings.problem(f"it holds a construct that the reader does not know ({node.get('Type')})")
        if node.get("Type") == "BinaryCmd" and node["Op"] in {"|", "|&"}:
            self._pipe(node, place)
        elif node.get("Type") == "FuncDecl":
            self._descend(node["Body"], place.under(f"{node['Name']['Value']}()"))
        elif self._loops < LOOP_LIMIT and self._loop(node, place):
            self._loops += 1
        else:
            self._descend(node, place)
            if node.get("Type") == "DeclClause":
                self._printing_declaration(node, place)

    def _printing_declaration(self, node: Node, place: Place) -> None:
        """A declaration that gives no variable prints them all, values included."""
        if not any("Name" in assign for assign in node.get("Args", ())):
            flags = [word for assign in node.get("Args", ()) for word in words_of(assign["Value"], self._source)]
            self._findings.command((Word(node["Variant"]["Value"]), *flags), NO_REDIRECTIONS, place, ())

    def _pipe(self, node: Node, place: Place) -> None:
        before = len(self._findings.commands)
        self._descend(node["X"], place)
        feeders = self._findings.commands[before:]
        fed = redirections_of(node["X"], self._source).text or place.fed_text
        text = literal_output(feeders[-1], fed) if len(feeders) == 1 else self._piped_text(node["X"], feeders)
        programs = tuple(dict.fromkeys(command.program for command in feeders if command.program))
        fed_by, names = (*place.fed_by, *programs), found_names(feeders)
        self._descend(node["Y"], replace(place, fed_by=fed_by, fed_text=text, fed_names=names, reads=()))

    @staticmethod
    def _piped_text(node: Node, feeders: list[Command]) -> str | None:
        """The output of a longer pipe of plain commands, each of whose words alone decide it."""
        if node.get("Cmd", {}).get("Op") != "|":
            return None
        text: str | None = None
        for command in feeders:
            text = literal_output(command, text)
        return text

    def _simple(self, node: Node, redirections: Redirections, place: Place) -> None:
        before = len(self._findings.commands)
        self._descend([node.get("Assigns", []), node.get("Args", [])], place)
        inner = tuple(command.program for command in self._findings.commands[before:] if command.program)
        words = tuple(word for arg in node.get("Args", ()) for word in words_of(arg, self._source))
        self._assignments(node, words)
        if words:
            self._calls.call(Call(words, redirections, inner, node["Pos"]["Offset"]), place)
        else:
            self._findings.redirection(redirections, place)

    def _assignments(self, node: Node, words: tuple[Word, ...]) -> None:
        program = words[0].text if words else ""
        for assign in node.get("Assigns", ()):
            values = words_of(assign["Value"], self._source) if "Value" in assign else [Word("")]
            name = assign.get("Name", {}).get("Value", "")
            problem = assignment_problem(name, values[0].text, exported=bool(words), program=program)
            self._findings.problem(problem)

    def _call_function(self, call: Call, place: Place) -> bool:
        """Follow a call of a function of this text; false where it is not certain to be one."""
        name = call.words[0].text
        if call.words[0].dynamic or call.offset < self._certain.get(name, call.offset + 1):
            return False
        self._findings.redirection(call.redirections, place)
        if (place.fed_by or place.reads or place.fed_text is not None) and f"{name}()" not in place.wrappers:
            self._descend(self._functions[name], place.under(f"{name}()"))
        return True
