"""Where relative paths may lead: a script that changes its directory is judged by the paths that result."""

import ntpath
import posixpath
import re

from itops.domain.script import Command, Facts

_MOVES = frozenset({"cd", "pushd", "Set-Location", "Push-Location", "cmd:cd", "cmd:pushd"})
_LIMIT = 32
# The one kind of word that the AWS CLI takes for a local file wherever it stands.
_AWS_FILE = re.compile(r"(.*?fileb?://)(.*)", re.DOTALL)


def folders_of(facts: Facts) -> tuple[str, ...]:
    """The directories that the script may change to; ``$OLDPWD`` and the like where only run time knows."""
    found: dict[str, None] = {}
    for folder in (_folder(command) for command in facts.commands if command.program in _MOVES):
        found |= dict.fromkeys([folder, *(_joined(base, folder) for base in found)])
        if len(found) > _LIMIT:
            return (*list(found)[:_LIMIT], "$PWD")
    return tuple(found)


def readings_of(command: Command, folders: tuple[str, ...]) -> tuple[Command, ...]:
    """The command as it stands, and as it reads from each of the directories."""
    if command.program in _MOVES:
        return (command,)
    return (command, *(_from(folder, command) for folder in folders))


def _folder(command: Command) -> str:
    operands = [word for word in command.argv[1:] if not word.startswith("-") or word == "-"]
    if not operands:
        return "~"
    return "$OLDPWD" if operands[0] == "-" else operands[0]


def _from(folder: str, command: Command) -> Command:
    joined = _joined_file if command.program == "aws" else _joined
    argv = (*command.argv[:1], *(joined(folder, word) for word in command.argv[1:]))
    return command.model_copy(
        update={
            "argv": argv,
            "reads": tuple(_joined(folder, path) for path in command.reads),
            "writes": tuple(_joined(folder, path) for path in command.writes),
            "dynamic": command.dynamic or ("$" in folder and argv != command.argv),
        }
    )


def _joined_file(folder: str, word: str) -> str:
    file = _AWS_FILE.fullmatch(word)
    return file[1] + _joined(folder, file[2]) if file else word


def _joined(folder: str, word: str) -> str:
    if not word or word.startswith(("-", "/", "~", "$", "+", "<(")):
        return word
    if "\\" in folder or folder.endswith(":"):
        apart = word.startswith(("\\", "%", "{")) or ":" in word.partition("\\")[0]
        return word if apart else ntpath.normpath(ntpath.join(folder, word))
    return posixpath.normpath(posixpath.join(folder, word))
