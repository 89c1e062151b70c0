"""Templates: ``{{ name }}`` is replaced by a value, quoted so that it can never become code."""

import re
import shlex
from collections.abc import Mapping
from typing import Final

from itops.domain.instruction import Language
from itops.errors import InvalidParameter
from itops.scripts.lexical_gate import hidden_characters
from itops.scripts.template_check import PLACEHOLDER, check_template

_POWERSHELL_QUOTES: Final = re.compile("(['\u2018\u2019\u201a\u201b])")


def placeholders(template: str) -> tuple[str, ...]:
    """The names that a template wants values for, each once, in order."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(template)))


def render(template: str, language: Language, values: Mapping[str, str]) -> str:
    """The template with every placeholder replaced by its value, quoted for the language.

    Raises:
        InvalidParameter: a value is missing, is not asked for, or holds control or hidden characters.
        InvalidInstruction: a placeholder stands where a value could become code.
    """
    names = placeholders(template)
    _check_names(names, values)
    check_template(template, language)
    quoted = {name: _quote(name, values[name], language) for name in names}
    return PLACEHOLDER.sub(lambda found: quoted[found[1]], template)


def _check_names(names: tuple[str, ...], values: Mapping[str, str]) -> None:
    missing = [name for name in names if name not in values]
    unknown = [name for name in values if name not in names]
    if missing:
        raise InvalidParameter(f"A value is missing for {', '.join(missing)}.", mend="Give the missing values.")
    if unknown:
        raise InvalidParameter(
            f"The template has no place for {', '.join(unknown)}.",
            mend=f"Give values for {', '.join(names) or 'nothing'} alone.",
        )


def _quote(name: str, value: str, language: Language) -> str:
    hidden = hidden_characters(value)
    if hidden:
        raise InvalidParameter(f"The value of {name!r} holds {hidden[0]}.", mend="Give a value of visible characters.")
    if language == "powershell":
        return "'" + _POWERSHELL_QUOTES.sub(r"\1\1", value) + "'"
    return shlex.quote(value)
