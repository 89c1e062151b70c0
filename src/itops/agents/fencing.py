"""Untrusted text on its way into a prompt: cleaned, capped, and fenced with a key that it can't contain."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from itops.domain.noun import Noun

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|.)")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LABEL: Final = re.compile(r"[^\w./:@ -]+")
_KEY_CHARACTERS: Final = 24
_LABEL_CHARACTERS: Final = 100


class Section(Noun):
    """One text with where it comes from; at most ``limit`` characters of it are shown, from both ends."""

    label: str
    text: str
    limit: int = 4000


def fenced(sections: Iterable[Section]) -> str:
    """The sections, each between two lines that hold a key which none of the texts contains.

    The key is made of the texts themselves: the same texts give the same prompt, and no text can hold its own digest.
    """
    shown = [(_label(section.label), capped(clean(section.text), section.limit)) for section in sections]
    key = _key([text for pair in shown for text in pair])
    blocks = (f"<<<{key} {label}>>>\n{text}\n<<<end {key}>>>" for label, text in shown)
    return "\n\n".join((f"The key of this message is {key}.", *blocks))


def clean(text: str) -> str:
    """The text without terminal escapes, control characters and invisible characters."""
    plain = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(one for one in plain if one in "\n\t" or not _is_unseen(one))


def capped(text: str, limit: int) -> str:
    """The text, or its head and tail with the number of characters left out between them."""
    if len(text) <= limit:
        return text
    head, tail = limit - limit // 3, limit // 3
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out …]\n{text[len(text) - tail :]}"


def one_line(text: str, limit: int) -> str:
    """The text cleaned, on one line, and no longer than ``limit``."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_unseen(one: str) -> bool:
    return unicodedata.category(one) in _UNSEEN or one in _BLANK_LETTERS


def _label(label: str) -> str:
    return one_line(_LABEL.sub(" ", clean(label)), _LABEL_CHARACTERS)


def _key(texts: list[str]) -> str:
    key = "\0".join(texts)
    while True:
        key = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:_KEY_CHARACTERS]
        if not any(key in text for text in texts):
            return key
