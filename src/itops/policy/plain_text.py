"""Text as it would be understood: in one spelling, without what can't be seen, and with what it holds in disguise."""

import base64
import binascii
import re
import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_COLOURS: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\([/\\])")
_PERCENT: Final = re.compile(rb"%([0-9a-fA-F]{2})")
_ENCODED: Final = re.compile(r"(?<![\w+/-])(?=[\w+/-]{0,200}[A-Z\d])[\w+/-]{8,}={0,2}", re.ASCII)
_ENCODED_LIMIT: Final = 4096


def plain(text: str) -> str:
    """The text in small letters of one form, without terminal escapes and characters that can't be seen."""
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFKC", _COLOURS.sub("", text))
        text = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in _UNSEEN)
    return text.casefold()


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
    for found, _ in zip(_ENCODED.finditer(text), range(_ENCODED_LIMIT), strict=False):
        word = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            data = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        for encoding in ("utf-8", "utf-16-le"):
            decoded = data.decode(encoding, errors="ignore")
            if decoded.isascii() and len(decoded) * 3 >= len(data) and decoded.replace("\n", "").isprintable():
                said.append(decoded)
    return said
