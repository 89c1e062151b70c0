"""The programs that a script needs to find on its target."""

from typing import Final

from itops.domain.script import Facts

_BUILTIN_NAMES: Final = """
    . : [ alias bg bind break builtin caller cd command compgen complete continue declare dirs disown
    echo enable eval exec exit export false fc fg fork-bomb getopts hash help history jobs kill let
    local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source
    suspend test times trap true type typeset ulimit umask unalias unset wait
"""
_BUILTINS: Final = frozenset(_BUILTIN_NAMES.split())


def tools_of(facts: Facts) -> frozenset[str]:
    """External programs that the script calls by name: no builtins, functions, paths, or names only run time knows."""
    named = {command.program for command in facts.commands if not _is_dynamic(command.program)}
    around = {wrapper for command in facts.commands for wrapper in command.wrappers if not wrapper.endswith("()")}
    return frozenset(name for name in named | around if name and name not in _BUILTINS and "/" not in name)


def _is_dynamic(program: str) -> bool:
    return any(char in program for char in "$`*?[{") and program != "["
