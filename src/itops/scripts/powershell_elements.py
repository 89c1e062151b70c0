"""The elements of a PowerShell command: its words, and the files that its redirections write."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from itops.scripts.powershell_syntax import words_of
from itops.scripts.powershell_words import Constants, PsWord, bare, parameter_of, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_WORD: Final = re.compile(r"(?:'(?:[^']|'')*'|\"(?:`.|\"\"|[^`\"])*\"|`.|[^\s'\"`(){};|&])+", re.DOTALL)
_REDIRECTION: Final = re.compile(r"(?P<head>[^>]*?)(?P<stream>[1-6*]?)>{1,2}(?P<target>.*)", re.DOTALL)
_MERGING: Final = re.compile(r"&[12]")


@dataclass
class Elements:
    """What stands after a command's name."""

    words: list[PsWord] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def elements_of(command: "Node", constants: Constants) -> Elements:
    """The words and redirections of a command; what can't be taken apart for certain is a problem."""
    return _Reading(command, constants).elements


def written_by(node: "Node", constants: Constants) -> tuple[str, ...]:
    """The files that the redirections behind an expression write; what can't be read stands as its source text."""
    reading = _Reading(node, constants, redirected=True)
    return tuple(reading.elements.writes) or ((words_of(node),) if reading.elements.problems else ())


class _Reading:
    """Goes through the elements of one command from left to right."""

    def __init__(self, command: "Node", constants: Constants, *, redirected: bool = False) -> None:
        self.elements = Elements()
        self._constants = constants
        self._root = _root(command)
        self._until = 0
        self._joins = False
        self._apart = True
        self._target_waits = False
        for child in [command] if redirected else command.children:
            if child.type == "command_elements":
                for element in child.children:
                    self._element(element)
            elif child.type in {"redirection", "redirections"}:
                self._element(child)
        if self._target_waits:
            self.elements.problems.append("where its output goes can't be read")

    def _element(self, node: "Node") -> None:
        if node.type == "command_argument_sep":
            text = words_of(node)
            self._joins, self._apart = text.strip() == ":", True
            return
        if node.start_byte < self._until:
            if node.end_byte > self._until:
                self.elements.problems.append(f"where its words end can't be read: {words_of(node)[:40]}")
            return
        adjacent, self._apart = not self._apart, False
        self._take(node, adjacent=adjacent)
        self._joins = False

    def _take(self, node: "Node", *, adjacent: bool) -> None:
        if node.type == "generic_token":
            self._token(node)
        elif node.type == "command_parameter":
            self._parameter(words_of(node))
        elif node.type in {"redirection", "redirections"}:
            self._redirections(node)
        elif node.type == "argument_list" and adjacent:
            self._method()
        elif node.type in {"stop_parsing", "verbatim_command_argument"}:
            self.elements.words += [PsWord(word) for word in words_of(node).split()]
            self.elements.problems.append("its words after --% are taken apart by the program")
        elif node.type != "comment":
            if adjacent:
                self.elements.problems.append(f"where its words end can't be read: {words_of(node)[:40]}")
            self._values(value_of(node, self._constants))

    def _values(self, values: list[PsWord]) -> None:
        if self._target_waits:
            self._write(values)
            return
        for place, value in enumerate(values):
            joined = self._joins and place == 0
            self.elements.words.append(PsWord(**{**value.__dict__, "joined": True}) if joined else value)

    def _method(self) -> None:
        """A call's brackets behind ``$x.y``: the word before is what the call gives."""
        if self.elements.words:
            last = self.elements.words[-1]
            self.elements.words[-1] = PsWord(f"{last.text}()" if "$" in last.text else "$()", dynamic=True)

    def _token(self, node: "Node") -> None:
        text = words_of(node)
        if set(text) & set("'\"`"):
            text = self._whole(node)
        plain = re.sub(r"'[^']*'|\"(?:`.|[^\"])*\"|`.", lambda found: "_" * len(found[0]), text, flags=re.DOTALL)
        if ">" in plain and not self._target_waits:
            self._split(text, plain)
        elif (apart := parameter_of(text)) and not self._target_waits:
            self._parameter(f"-{apart[0]}")
            if apart[1] is not None:
                self._joins = True
                self._list(apart[1])
        else:
            self._list(text)

    def _whole(self, node: "Node") -> str:
        """The word that begins with this token, quotes and all: the grammar ends a token at blanks within quotes."""
        rest = self._root[node.start_byte :].decode(errors="replace")
        found = _WORD.match(rest)
        if not found:
            self.elements.problems.append(f"its quotes can't be read: {words_of(node)[:40]}")
            return words_of(node)
        self._until = node.start_byte + len(found[0].encode())
        if self._until < node.end_byte:
            self.elements.problems.append(f"its quotes can't be read: {words_of(node)[:40]}")
        return found[0]

    def _list(self, text: str) -> None:
        parts = [part for part in text.split(",") if part] if not set(text) & set("'\"`") else [text]
        words = [bare(part, self._constants) for part in parts]
        if any(word is None for word in words):
            self.elements.problems.append(f"a word of it can't be read: {text[:40]}")
        self._values([word or PsWord(text, dynamic=True) for word in words])

    def _split(self, text: str, plain: str) -> None:
        found = _REDIRECTION.fullmatch(plain)
        if not found:
            self.elements.problems.append(f"a word of it can't be read: {text[:40]}")
            return
        if found["head"]:
            self._list(text[: found.end("head")])
        target = text[found.start("target") :]
        if _MERGING.fullmatch(target):
            return
        self._target_waits = True
        if target:
            self._list(target)

    def _parameter(self, text: str) -> None:
        self.elements.words.append(PsWord(text, parameter=True))

    def _redirections(self, node: "Node") -> None:
        if node.type == "redirections":
            for child in node.children:
                self._redirections(child)
            return
        name = next((child for child in node.children if child.type == "redirected_file_name"), None)
        if name is None:
            return
        inner = [child for child in name.children if child.is_named and child.type != "command_argument_sep"]
        self._target_waits = True
        if len(inner) == 1 and inner[0].type == "generic_token":
            self._token(inner[0])
        elif len(inner) == 1:
            self._write(value_of(inner[0], self._constants))

    def _write(self, values: list[PsWord]) -> None:
        self._target_waits = False
        self.elements.writes += [value.text for value in values if value.text.lower() not in {"$null", "nul"}]


def _root(node: "Node") -> bytes:
    while node.parent is not None:
        node = node.parent
    return b"\0" * node.start_byte + (node.text or b"")
