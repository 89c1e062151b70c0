"""What stands in a text in a form that people can't read: escapes, base64, and characters that can't be seen."""

import base64
import binascii
import re
from typing import Final

from itops.domain.instruction import Language
from itops.domain.noun import Noun
from itops.scripts.lexical_gate import hidden_characters
from itops.scripts.words import ansi_text

_LIMIT: Final = 20
_PRINTABLE: Final = 0.8
_ANSI_QUOTED: Final = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ENCODED_COMMAND: Final = re.compile(r"[-/]e(?:nc|nco\w*|c)?[\s:]+['\"]?([A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE)
_BASE64: Final = re.compile(r"(?<![\w+/])([A-Za-z0-9+/]{12,}={0,2})(?![\w+/=])")


class DecodedForm(Noun):
    """A part of a text as it is written, and what it stands for."""

    written: str
    means: str


def decoded_forms(text: str, language: Language) -> tuple[DecodedForm, ...]:
    """The parts of a text that are not what they look like, each with what it stands for."""
    found = [DecodedForm(written=name, means="it can't be seen") for name in _hidden(text)]
    if language != "powershell":
        found += [
            DecodedForm(written=whole[0], means=ansi_text(whole[1]))
            for whole in _ANSI_QUOTED.finditer(text)
            if "\\" in whole[1]
        ]
    found += [
        DecodedForm(written=whole[0], means=plain)
        for whole in _ENCODED_COMMAND.finditer(text)
        if (plain := _decoded(whole[1], "utf-16-le"))
    ]
    seen = " ".join(one.written for one in found)
    found += [
        DecodedForm(written=word, means=plain)
        for word in _BASE64.findall(text)
        if word not in seen and (plain := _decoded(word, "utf-8") or _decoded(word, "utf-16-le"))
    ]
    return tuple(dict.fromkeys(found))[:_LIMIT]


def _hidden(text: str) -> tuple[str, ...]:
    return hidden_characters("".join(char for char in text if char not in "\n\t\r"))


def _decoded(word: str, encoding: str) -> str:
    """The text that base64 stands for; empty where it stands for none that a person could read."""
    try:
        plain = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode(encoding)
    except (binascii.Error, ValueError):
        return ""
    plain = plain.removeprefix("\ufeff")
    readable = sum(char.isascii() and (char.isprintable() or char in "\n\t\r") for char in plain)
    return plain if plain and readable >= len(plain) * _PRINTABLE else ""
