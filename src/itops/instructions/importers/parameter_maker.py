"""Other people's parameters → ours: a name we can write, a default that passes its pattern, an example that fits."""

import re
from collections.abc import Iterable
from typing import Final

from itops.domain.instruction import Parameter
from itops.errors import ItOpsError
from itops.instructions.importers.foreign_pattern import fault
from itops.instructions.importers.placeholders import type_of
from itops.scripts.parameters import TYPES, validate

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_SECRET: Final = re.compile(
    r"(?:password|passwd|passphrase|secret|token|credentials?|(?:api|access|private|secret)[_-]?key)$", re.IGNORECASE
)
_LONGEST_DEFAULT: Final = 100
_NO_OPTION: Final = "(?!-).{1,4096}"
_MAYBE_EMPTY: Final = "(?!-).{0,4096}"


def our_name(name: str, taken: Iterable[str] = ()) -> str:
    """A name for a parameter that a placeholder can hold, and that no other one has."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:60] or "value"
    plain = plain if NAME.fullmatch(plain) else f"p{plain}"
    names, number, first = set(taken), 2, plain
    while plain in names:
        plain, number = f"{first}_{number}", number + 1
    return plain


def is_secret(name: str) -> bool:
    """Whether a parameter's name says that its value is a secret."""
    return bool(_SECRET.search(name))


def in_words(name: str) -> str:
    """A name as words: ``InstanceId`` and ``instance_id`` are "instance id"."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-.\s]+", " ", name)
    words = (word if word.isupper() and len(word) > 1 else word.lower() for word in split.split())
    return " ".join(words)


def make_parameter(
    name: str,
    description: str = "",
    *,
    kind: str = "text",
    pattern: str = "",
    choices: tuple[str, ...] = (),
    default: str | None = None,
) -> tuple[Parameter, tuple[str, ...]]:
    """A parameter whose default passes, and what had to be changed for it."""
    changed: list[str] = []
    if choices:
        pattern = "|".join(re.escape(choice) for choice in choices)
    if pattern and (why := fault(pattern)):
        changed.append(f"The pattern of {name} is not taken: {why}.")
        pattern = ""
    if not pattern and kind == "text":
        kind = _kind(name, default)
    if not pattern and kind == "text":
        pattern = _MAYBE_EMPTY if default == "" else _NO_OPTION
    parameter = Parameter(
        name=name,
        description=" ".join(description.split())[:500] or in_words(name).capitalize(),
        type=kind,
        pattern=pattern,
        phrases=(f"{in_words(name)} {{}}",),
        example=_example(kind, pattern, choices, default),
    )
    if default is None:
        return parameter, tuple(changed)
    if len(default) > _LONGEST_DEFAULT:
        return parameter, (*changed, f"The default of {name} is not taken: it is too long.")
    with_default = parameter.model_copy(update={"default": default})
    if _passes(with_default, default):
        return with_default, tuple(changed)
    if pattern == _NO_OPTION and _passes(bare := with_default.model_copy(update={"pattern": ""}), default):
        return bare, tuple(changed)
    return parameter, (*changed, f"The default of {name} is not taken: its own pattern does not allow it.")


def _kind(name: str, default: str | None) -> str:
    """The type that a name suggests, where the default is of it."""
    kind = type_of(in_words(name).replace(" ", "_"))
    kind = "name" if kind == "instance_id" else kind
    fits = default is None or len(default) <= _LONGEST_DEFAULT
    return kind if fits and (default is None or re.fullmatch(TYPES[kind].pattern, default)) else "text"


def _example(kind: str, pattern: str, choices: tuple[str, ...], default: str | None) -> str:
    """A value that passes: a choice, the default, or one that some type of ours has for an example."""
    if kind != "text" and not pattern:
        return ""
    short = default if default and len(default) <= _LONGEST_DEFAULT else ""
    candidates = (*choices, short, *(each.example for each in TYPES.values()), "true", "1")
    if pattern in {_NO_OPTION, _MAYBE_EMPTY}:
        return short if re.fullmatch(pattern, short) else ""
    return next((each for each in candidates if each and re.fullmatch(pattern, each)), "")


def _passes(parameter: Parameter, value: str) -> bool:
    try:
        validate(parameter, value)
    except ItOpsError:
        return False
    return True
