"""What would show that a command has worked: a suggestion by its program and words, for a person to look at."""

import functools
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from itops.domain.effect import Effect
from itops.domain.instruction import Parameter
from itops.domain.script import Facts
from itops.errors import InvalidParameter
from itops.scripts.parameters import validate

_HINTS: Final = Path(__file__).with_name("data") / "verify_hints.yaml"
_VALUE: Final = re.compile(r"\{([a-z]+)\}")


def suggestions(facts: Facts) -> list[str]:
    """A check for each command that is known, in their order; commands that only read need none."""
    found = (
        _suggestion(command.argv)
        for command in facts.commands
        if command.argv and not command.dynamic and command.effect is not Effect.READ
    )
    return list(dict.fromkeys(text for text in found if text))


def _suggestion(argv: Sequence[str]) -> str:
    for hint in _hints():
        values = _match(hint["command"].split(), argv)
        if values is not None:
            return _VALUE.sub(lambda found, values=values: shlex.quote(values[found[1]]), hint["verify"])  # type: ignore[misc]
    return ""


@functools.cache
def _hints() -> list[Mapping[str, str]]:
    import yaml

    return list(yaml.safe_load(_HINTS.read_text(encoding="utf-8")))


def _match(pattern: list[str], argv: Sequence[str]) -> dict[str, str] | None:
    """The values of a pattern that the command fits; of two values of one type the later counts."""
    program, *rest = pattern
    options = [part for part in rest if part.startswith("-")]
    wanted = [part for part in rest if not part.startswith("-")]
    given = [word for word in argv[1:] if not word.startswith("-")]
    is_other = argv[0].rsplit("/", 1)[-1] not in program.split("|") or len(given) < len(wanted)
    if is_other or not all(_has(option, argv) for option in options):
        return None
    values: dict[str, str] = {}
    for part, word in zip(wanted, given[len(given) - len(wanted) :], strict=True):
        value = _VALUE.fullmatch(part)
        if value is None and word not in part.split("|"):
            return None
        if value and not _fits(value[1], word):
            return None
        values.update({value[1]: word} if value else {})
    return values


def _has(option: str, argv: Sequence[str]) -> bool:
    """Whether an option is given: a long one by its name, short ones together or apart."""
    letters = {letter for word in argv if re.fullmatch(r"-[A-Za-z]+", word) for letter in word[1:]}
    return any(
        any(word.partition("=")[0] == one for word in argv) if one.startswith("--") else set(one[1:]) <= letters
        for one in option.split("|")
    )


def _fits(kind: str, word: str) -> bool:
    """Whether a word is one value of its type; what the shell may expand is more than one."""
    if set(word) & set("*?[{"):
        return False
    try:
        validate(Parameter(name=kind, type=kind), word)
    except InvalidParameter:
        return False
    return True
