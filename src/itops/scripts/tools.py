"""The programs that a script needs to find on its target."""

import re
from itertools import takewhile
from typing import Final

from itops.domain.script import Command, Facts

_BUILTIN_NAMES: Final = """
    . : [ alias bg bind break builtin caller cd command compgen complete continue declare dirs disown
    echo enable eval exec exit export false fc fg fork-bomb getopts hash help history jobs kill let
    local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source
    suspend test times trap true type typeset ulimit umask unalias unset wait
"""
_BUILTINS: Final = frozenset(_BUILTIN_NAMES.split())


# What PowerShell finds for itself: cmdlets, methods, types, built-ins of cmd.exe, programs of Windows.
_OF_POWERSHELL: Final = re.compile(r"[A-Z][A-Za-z]*-\w+|\..+|\[.+|cmd:\w+|.+\.(?:exe|com)")
_LOOKS: Final = frozenset({("command", "-v"), ("command", "-V"), ("type",), ("hash",), ("which",)})


def tools_of(facts: Facts) -> frozenset[str]:
    """External programs that the script calls by name: no builtins, functions, paths, or names only run time knows.

    Of PowerShell, none: what a Windows host has is not told by a list of programs.

    A script that itself looks whether a program is there (``command -v dnf``) has an answer to its absence: from the
    first such look on, nothing it names is needed.
    """
    needed = tuple(takewhile(lambda command: not _looks(command), facts.commands))
    named = {command.program for command in needed if not _is_dynamic(command.program)}
    around = {wrapper for command in needed for wrapper in command.wrappers if not wrapper.endswith("()")}
    outside = (name for name in named | around if name and name not in _BUILTINS and "/" not in name)
    return frozenset(name for name in outside if not _OF_POWERSHELL.fullmatch(name))


def _looks(command: Command) -> bool:
    return command.argv[:1] in _LOOKS or command.argv[:2] in _LOOKS


def _is_dynamic(program: str) -> bool:
    return any(char in program for char in "$`*?[{") and program != "["
