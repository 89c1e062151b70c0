"""The program that an instruction's commands start with, to see whether a target has it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from itops.domain.instruction import Instruction

_EVERYDAY: Final = Path(__file__).with_name("data") / "everyday.yaml"
_WORDS: Final = re.compile(r"[^\s;|&()]+")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PROGRAM: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_WRAPPERS: Final = frozenset(
    {"sudo", "env", "nice", "exec", "command", "time", "then", "do", "else", "if", "while", "!"}
)
_BUILT_IN: Final = frozenset(
    re.findall(
        r"\S+",
        """
        alias break case cd continue declare done echo elif esac eval exit export false fi for function getopts hash
        help history jobs kill let local mapfile popd printf pushd pwd read readonly return select set shift shopt
        source test times trap true type typeset ulimit umask unset until wait
        """,
    )
)


def first_tool(instruction: Instruction) -> str:
    """The first program of its bash run block that is not part of the shell; empty where none stands there plainly."""
    block = instruction.block("run")
    if block is None or block.language != "bash":
        return ""
    return next((word for word in _commands(block.text) if word not in _BUILT_IN and _PROGRAM.fullmatch(word)), "")


def is_everyday(instruction: Instruction) -> bool:
    """Whether its bash run block starts with a command that every Linux host knows."""
    block = instruction.block("run")
    if block is None or block.language != "bash":
        return False
    return next(_commands(block.text), "") in _everyday()


@cache
def _everyday() -> frozenset[str]:
    import yaml

    by_package: dict[str, str] = yaml.safe_load(_EVERYDAY.read_text(encoding="utf-8"))
    return frozenset(command for commands in by_package.values() for command in commands.split())


def _commands(text: str) -> Iterator[str]:
    """The first word of each line that is no wrapper and no assignment."""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        for word in _WORDS.findall(line):
            if word in _WRAPPERS or _ASSIGNMENT.match(word):
                continue
            yield word
            break
