"""The first gate: text with characters that deceive a reader is not read at all."""

import unicodedata
from typing import Final

SIZE_LIMIT: Final = 16 * 1024
_DECEIVING: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_LAYOUT: Final = frozenset("\n\t")


def hidden_characters(text: str) -> tuple[str, ...]:
    """The names of control, bidirectional, zero-width and unassigned characters in the text, each once."""
    hidden = dict.fromkeys(char for char in text if not char.isascii() or not char.isprintable())
    return tuple(_name(char) for char in hidden if unicodedata.category(char) in _DECEIVING)


def gate(text: str) -> tuple[str, ...]:
    """Reasons not to read the text: too long, or holding characters that hide something; newline and tab may stand."""
    problems = []
    size = len(text.encode(errors="surrogatepass"))
    if size > SIZE_LIMIT:
        problems.append(f"it is {size} bytes long, and more than {SIZE_LIMIT} bytes are not read")
    hidden = hidden_characters("".join(char for char in text if char not in _LAYOUT))
    problems.extend(f"it holds {name}, which can hide what it does" for name in hidden)
    return tuple(problems)


def _name(char: str) -> str:
    return f"the character U+{ord(char):04X} ({unicodedata.name(char, 'control character').lower()})"
