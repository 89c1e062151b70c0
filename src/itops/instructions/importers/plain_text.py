"""Text of strangers, made safe to keep: decoded, without hidden characters, and as prose that our own reader takes."""

import re
import unicodedata
from typing import Final

from itops.instructions.importers.importer import Source
from itops.instructions.runbooks.front_matter import complaint

# Bidirectional controls, zero-width space, byte order mark: nobody sees them, a model reads them.
_INVISIBLE: Final = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_TAGS: Final = range(0xE0000, 0xE0080)
_FENCE: Final = re.compile(r"(`{3,}|~{3,})[ \t]*(.*?)[ \t]*")
_MARKUP: Final = re.compile(r"[*`]+|!?\[([^\]\n]*)\]\([^)\n]*\)")
_LONGEST_TITLE: Final = 200
_LONGEST_READ: Final = 2000


def decode(source: Source) -> str:
    """The source's text, its lines parted as ours are.

    Raises:
        InvalidInstruction: it is binary or no UTF-8.
    """
    data = source.data
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise complaint(source.place, line, "it is binary, not text", "Name the format it is in, or take it out.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise complaint(source.place, line, "it is not valid UTF-8", "Save the file as UTF-8.") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def visible(text: str) -> str:
    """The text without control, bidirectional and zero-width characters; newline and tab stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(char for char in text if char in "\n\t" or not _is_hidden(char))


def one_line(text: str) -> str:
    """The text as a title: visible, on one line, without Markdown's emphasis and links, not longer than a title is."""
    plain = _MARKUP.sub(lambda found: found[1] or "", visible(text[:_LONGEST_READ]))
    line = " ".join(plain.split()).strip("# ")
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1].rstrip() + "…"


def safe_prose(text: str) -> str:
    """The text as prose that our reader reads back unchanged: every fence is closed, and none is a block of ours."""
    lines = re.sub(r"\n{3,}", "\n\n", visible(text)).strip().split("\n")
    closing: re.Pattern[str] | None = None
    opening = ""
    for position, line in enumerate(lines):
        fence = _FENCE.fullmatch(line)
        if closing is None and fence:
            opening = fence[1]
            closing = re.compile(re.escape(opening[0]) + "{" + str(len(opening)) + r",}[ \t]*")
            lines[position] = opening + fence[2].partition(" ")[0].partition("\t")[0]
        elif closing is not None and closing.fullmatch(line):
            closing = None
    if closing is not None:
        lines.append(opening)
    return "\n".join(lines)


def _is_hidden(char: str) -> bool:
    if char.isascii():
        return not char.isprintable()
    return char in _INVISIBLE or ord(char) in _TAGS or unicodedata.category(char) in ("Cc", "Cs")
