"""Text as it would be understood: in one spelling, without what can't be seen, and with what it holds in disguise."""

import base64
import binascii
import re
import unicodedata
from itertools import islice
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_COLOURS: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\([/\\])")
_PERCENT: Final = re.compile(rb"%([0-9a-fA-F]{2})")
_ENCODED: Final = re.compile(r"(?<![\w+/-])(?=[\w+/-]{0,200}[A-Z\d])[\w+/-]{8,}={0,2}", re.ASCII)
_ENCODED_LIMIT: Final = 4096
_QUOTED_LIMIT: Final = 160


def plain(text: str) -> str:
    """The text in small letters of one form, without terminal escapes and characters that can't be seen."""
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFKC", _COLOURS.sub("", text))
        text = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in _UNSEEN)
    return text.casefold()


def quoted(text: str) -> str:
    """The text between backticks, on one line of bearable length."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= _QUOTED_LIMIT else line[: _QUOTED_LIMIT - 1] + '…'}`"


def forms_of(text: str) -> tuple[str, ...]:
    """The plain text, and what it says when its escapes, percent signs and base64 words are read."""
    forms = [text]
    if "\\" in text:
        forms.append(_ESCAPED.sub(_unescaped, text))
    if "%" in text:
        data = _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), text.encode(errors="replace"))
        forms.append(data.decode(errors="replace"))
    forms.append("\n".join(_decoded(text)))
    return tuple(dict.fromkeys(plain(form) for form in forms if form))


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else found[3]


def _decoded(text: str) -> list[str]:
    """What words that look like base64 say, where they say anything that can be read."""
    said = []
    for found in islice(_ENCODED.finditer(text), _ENCODED_LIMIT):
        try:
            data = base64.urlsafe_b64decode(found[0] + "==")
        except binascii.Error:
            continue
        for encoding in ("utf-8", "utf-16-le"):
            decoded = data.decode(encoding, errors="ignore")
            is_readable = decoded.isascii() and all(one.isprintable() or one.isspace() for one in decoded)
            if is_readable and len(decoded) * 3 >= len(data):
                said.append(decoded)
    return said
