"""A command as somebody wrote it down, made a block: prompts gone, open values as parameters, checked; or why not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Block, BlockKind, Language, Parameter
from itops.errors import InvalidInstruction
from itops.instructions.importers.placeholders import open_values
from itops.scripts.lexical_gate import gate
from itops.scripts.placeholders import unfilled
from itops.scripts.shfmt import Unparsable, parse
from itops.scripts.template_check import PLACEHOLDER, check_template

_LANGUAGES: Final[dict[str, Language]] = {
    **dict.fromkeys(("bash", "sh", "shell", "console", "shell-session", "shellsession", "terminal"), "bash"),
    **dict.fromkeys(("powershell", "pwsh", "ps1", "ps"), "powershell"),
}
_SESSIONS: Final = frozenset({"console", "shell-session", "shellsession", "terminal"})
_USER_PROMPT: Final = re.compile(r"(?:[\w.@:~/-]*\$|\[[^\]]*\]\$|PS [A-Za-z]:[^>]*>|PS>) (?P<rest>.*)")
_ROOT_PROMPT: Final = re.compile(r"(?:[\w.-]+@[\w.:~/-]*|\[[^\]]*\])?# (?P<rest>.*)")
_WHOLE: Final = re.compile(r"(?<![^\s=:(,])([\"'])(\{\{ [\w-]+ \}\})\1(?=[\s;|&),]|$)", re.MULTILINE)
_STRING: Final = re.compile(r"(?P<mark>[\"'])(?P<inner>[\w/.:@%+=,?&~{} -]*)(?P=mark)")
_OURS: Final = re.compile(r"(\{\{ [\w-]+ \}\})")
# Programs that take a word for code: a value joined to such a word could become code.
_INTERPRETS: Final = re.compile(
    r"\b(?:jq|yq|psql|mysql|mariadb|mongo|mongosh|sqlite3|sqlcmd|redis-cli|ldapsearch|xmllint|osascript|find)\b"
)


class NotRunnable(Exception):
    """This text can't be a block; the message says why."""


@dataclass(frozen=True)
class Command:
    """A command's text and language, and what was taken off it."""

    language: Language
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A block, the parameters that it wants, and what was written differently."""

    block: Block
    parameters: tuple[Parameter, ...]
    changed: tuple[str, ...]


def language_of(info: str) -> Language | None:
    """The language that a fence's words name, if itops runs it."""
    return _LANGUAGES.get(first_word(info))


def first_word(info: str) -> str:
    """The word by which a fence names its language; empty where it names none."""
    found = re.match(r"[^\s{,:]+", info)
    return found[0].lower() if found else ""


def read_command(info: str, content: str) -> Command | None:
    """The command in a fence; None where it is in no language that itops runs, or holds output alone."""
    language = language_of(info)
    if language is None:
        return None
    lines = content.rstrip().split("\n")
    is_session = first_word(info) in _SESSIONS or _USER_PROMPT.match(lines[0])
    command = _session(language, lines) if is_session else Command(language, "\n".join(lines).strip("\n"))
    return command if command.text.strip() else None


def join(commands: Sequence[Command]) -> Command:
    """Steps as one command that stops at the first that fails."""
    if len(commands) == 1:
        return commands[0]
    if len({command.language for command in commands}) > 1:
        raise NotRunnable("its steps are in different languages")
    stop = "$ErrorActionPreference = 'Stop'" if commands[0].language == "powershell" else "set -e"
    notes = [note for command in commands for note in command.notes]
    notes.append(f"{len(commands)} numbered steps were joined in their order under `{stop}`")
    text = "\n".join([stop, *(command.text for command in commands)])
    return Command(commands[0].language, text, tuple(notes))


def take(kind: BlockKind, command: Command, documented: str = "") -> Taken:
    """The command as a block.

    Raises:
        NotRunnable: it is no script of its language, hides something, or a value in it could become code.
    """
    for problem in gate(command.text):
        raise NotRunnable(problem)
    opened = open_values(command.text, command.language, documented)
    text = _unquoted(opened.text, command.language)
    notes = [*command.notes, *opened.changed]
    if text != opened.text:
        notes.append("quotes around a placeholder were taken off: its value is quoted when it is filled in")
    _check(text, command.language, {parameter.name for parameter in opened.parameters})
    return Taken(Block(kind=kind, language=command.language, text=text), opened.parameters, tuple(notes))


def _check(text: str, language: Language, declared: set[str]) -> None:
    names = PLACEHOLDER.findall(text)
    if not declared.issuperset(names):
        raise NotRunnable("it holds double braces that are no placeholder and can't be written otherwise")
    try:
        check_template(text, language)
        if not names and language == "bash":
            parse(text)
    except InvalidInstruction as error:
        raise NotRunnable(f"{error.what[0].lower()}{error.what[1:].rstrip('.')}") from error
    except Unparsable as error:
        raise NotRunnable(f"it is no bash script: {error}") from error
    left_open = unfilled(PLACEHOLDER.sub("value", text), language)
    if left_open:
        raise NotRunnable(f"`{left_open[0]}` stands open in it in a way that can't be filled in")


def _session(language: Language, lines: list[str]) -> Command:
    """The commands of a recorded session: what stands behind a prompt, and the lines that continue it."""
    has_user_prompt = any(_USER_PROMPT.match(line) for line in lines)
    prompt = _USER_PROMPT if has_user_prompt else _ROOT_PROMPT
    taken: list[str] = []
    left = 0
    for line in lines:
        found = prompt.match(line)
        if found:
            taken.append(found["rest"])
        elif taken and taken[-1].endswith(("\\", "`")):
            taken.append(line.removeprefix("> "))
        elif line.strip():
            left += 1
    if not taken and left:
        return Command(language, "\n".join(lines).strip("\n"))
    notes = [f"the prompts of a recorded session were taken off {len(taken)} lines"]
    if prompt is _ROOT_PROMPT:
        notes.append("it was recorded as root and may need sudo")
    if left:
        notes.append(f"{left} lines of output were left out of the block")
    return Command(language, "\n".join(taken), tuple(notes))


def _unquoted(template: str, language: Language) -> str:
    """Placeholders outside quotes, where the quotes hold nothing but plain characters around them."""
    template = _WHOLE.sub(r"\2", template)
    if language == "powershell":
        return template
    lines = template.split("\n")
    return "\n".join(line if _INTERPRETS.search(line) else _STRING.sub(_opened, line) for line in lines)


def _opened(string: re.Match[str]) -> str:
    parts = _OURS.split(string["inner"])
    if len(parts) == 1 or any(" " in part or "{" in part for part in parts[::2]):
        return string[0]
    mark = string["mark"]
    return "".join(part if index % 2 else f"{mark}{part}{mark}" for index, part in enumerate(parts) if part)
