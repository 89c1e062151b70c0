"""A script of a task as a template: its values replaced by placeholders, wherever such a one may stand."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Language
from itops.errors import InvalidInstruction
from itops.instructions.learning.script_words import ScriptWord, script_words
from itops.instructions.learning.task_values import Value
from itops.scripts.shfmt import Node, Unparsable, parse
from itops.scripts.template_check import check_template

_POWERSHELL_WORD: Final = r"(?<![^\s=(,:])(['\"]?)({})\1(?![^\s),;|}}\]])"


@dataclass(frozen=True)
class _Edit:
    """A piece of a text, in bytes, that a placeholder takes the place of."""

    start: int
    end: int
    name: str


def words_in(text: str, language: Language) -> list[ScriptWord]:
    """The literal words of a script in any language; those that can't be parsed, as far as spaces tell them apart."""
    if language != "powershell":
        try:
            return script_words(text)
        except (Unparsable, RecursionError):
            return []
    return [
        ScriptWord(found[2] or found[3], 0, 0, plain=False)
        for found in re.finditer(r"(['\"])(.*?)\1|([^\s'\"=(),;|{}]+)", text)
    ]


def make_template(text: str, language: Language, values: Sequence[Value]) -> str:
    """The script with a placeholder for each value, where the placeholder's value can't become code; else as it was.

    A word in quotes is replaced with them, for the renderer quotes values itself. Every value rendered again gives a
    script that means what this one means.
    """
    edits = list(_powershell_edits(text, values) if language == "powershell" else _bash_edits(text, values))
    made = _edited(text, edits)
    if _is_template(made, language):
        return made
    kept: list[_Edit] = []
    for edit in edits:
        if _is_template(_edited(text, [*kept, edit]), language):
            kept.append(edit)
    return _edited(text, kept)


def left_in(template: str, values: Iterable[Value]) -> list[Value]:
    """The values that still stand in a template as they are."""
    return [value for value in values if re.search(rf"(?<![\w.-]){re.escape(value.text)}(?![\w-])", template)]


def join(texts: Iterable[str]) -> str:
    """Bash scripts as one: each runs as it did by itself, and only where the one before it succeeded."""
    different = list(dict.fromkeys(texts))
    if len(different) == 1:
        return different[0]
    return " &&\n".join(text if _is_simple(text) else f"(\n{text}\n)" for text in different)


def _bash_edits(text: str, values: Sequence[Value]) -> Iterator[_Edit]:
    longest_first = sorted(values, key=lambda value: -len(value.text))
    for word in words_in(text, "bash"):
        taken: list[tuple[int, int]] = []
        for value in longest_first:
            for start, end in word.spots(value.text, value.parameter.type):
                if all(end <= other[0] or other[1] <= start for other in taken):
                    taken.append((start, end))
                    yield _edit(word, start, end, value.parameter.name)


def _edit(word: ScriptWord, start: int, end: int, name: str) -> _Edit:
    if not word.plain:
        return _Edit(word.start, word.end, name)
    before, inside = (len(part.encode()) for part in (word.text[:start], word.text[start:end]))
    return _Edit(word.start + before, word.start + before + inside, name)


def _powershell_edits(text: str, values: Iterable[Value]) -> Iterator[_Edit]:
    for value in values:
        for found in re.finditer(_POWERSHELL_WORD.format(re.escape(value.text)), text):
            start, end = (len(text[:at].encode()) for at in found.span())
            yield _Edit(start, end, value.parameter.name)


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    source = text.encode()
    for edit in sorted(edits, key=lambda one: -one.start):
        source = source[: edit.start] + b"{{ %s }}" % edit.name.encode() + source[edit.end :]
    return source.decode()


def _is_template(text: str, language: Language) -> bool:
    try:
        check_template(text, language)
    except InvalidInstruction:
        return False
    return True


def _is_simple(text: str) -> bool:
    """Whether ``&&`` may follow the text as it stands: one command or one pipe, with nothing that ends its line."""
    try:
        statements = parse(text).get("Stmts", [])
    except (Unparsable, RecursionError):
        return False
    return len(statements) == 1 and "#" not in text and "<<" not in text and _is_one_command(statements[0])


def _is_one_command(statement: Node) -> bool:
    command = statement.get("Cmd", {})
    is_one = command.get("Type") == "CallExpr" or (command.get("Type") == "BinaryCmd" and command["Op"] in ("|", "|&"))
    return is_one and not statement.get("Background") and not statement.get("Coprocess")
