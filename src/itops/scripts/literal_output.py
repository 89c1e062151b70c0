"""What a literal ``echo``, ``printf`` or decoder prints: text that may be a script for the shell it is piped into."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final

from itops.domain.script import Command

_DECODE_FLAGS: Final = frozenset({"-d", "-D", "--decode", "-di"})
# Two or four digits: fewer are an escape too, and where it ends then depends on what follows.
_ESCAPE: Final = r"\\(?:x([0-9a-fA-F]{{2}})|u([0-9a-fA-F]{{4}})|({octal})|(.|$))"
_PLAIN: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_PLAIN_PRINTF: Final = frozenset({"%s", "%s\\n", "%b", "%b\\n", "%s ", "%s\n"})


def literal_output(command: Command, fed_text: str | None) -> str | None:
    """The command's output where its words alone decide it, else nothing."""
    words = command.argv[1:]
    if command.dynamic or command.reads:
        return None
    printer = _PRINTERS.get(command.program)
    if printer:
        return printer(words)
    decoder = _DECODERS.get(command.program)
    return decoder(words, fed_text) if decoder and fed_text is not None else None


def _echo(words: tuple[str, ...]) -> str | None:
    options = 0
    while options < len(words) and words[options] in {"-n", "-e", "-E", "-ne", "-en"}:
        options += 1
    texts = words[options:]
    if any("e" in word for word in words[:options]):
        return _escapes_read(" ".join(texts) + "\n", within="0[0-7]{0,3}")
    # Some shells' echo reads escapes without being told to.
    return None if any("\\" in text for text in texts) else " ".join(texts) + "\n"


def _printf(words: tuple[str, ...]) -> str | None:
    if len(words) == 1:
        text = words[0].replace("%%", "")
        return None if "%" in text or words[0].startswith("-") else _escapes_read(words[0].replace("%%", "%"))
    if not words or words[0] not in _PLAIN_PRINTF:
        return None
    text = "\n".join(words[1:]) + "\n"
    return _escapes_read(text, within="0[0-7]{0,3}") if "b" in words[0] else text


def _escapes_read(text: str, within: str = "[0-7]{1,3}") -> str | None:
    """The text with its escapes read; nothing where it holds one whose meaning is not certain."""
    parts, end = [], 0
    for mark in re.finditer(_ESCAPE.format(octal=within), text, re.DOTALL):
        hexadecimal = mark[1] or mark[2]
        octal = mark[3]
        plain = (
            chr(int(hexadecimal, 16)) if hexadecimal else chr(int(octal, 8) & 0xFF) if octal else _PLAIN.get(mark[4])
        )
        if plain is None:
            return None
        parts += [text[end : mark.start()], plain]
        end = mark.end()
    whole = "".join([*parts, text[end:]])
    return None if "\0" in whole else whole


def _same(words: tuple[str, ...], text: str) -> str | None:
    return None if words else text


def _reversed(words: tuple[str, ...], text: str) -> str | None:
    return None if words else "\n".join(line[::-1] for line in text.split("\n"))


def _from_base64(words: tuple[str, ...], text: str) -> str | None:
    try:
        plain = base64.b64decode("".join(text.split())).decode(errors="replace")
    except (binascii.Error, ValueError):
        return None
    return plain if set(words) & _DECODE_FLAGS else None


def _from_hex(words: tuple[str, ...], text: str) -> str | None:
    try:
        plain = bytes.fromhex("".join(text.split())).decode(errors="replace")
    except ValueError:
        return None
    return plain if any(word.startswith("-") and "r" in word for word in words) else None


_PRINTERS: Final[Mapping[str, Callable[[tuple[str, ...]], str | None]]] = {"echo": _echo, "printf": _printf}
_DECODERS: Final[Mapping[str, Callable[[tuple[str, ...], str], str | None]]] = {
    "base64": _from_base64,
    "cat": _same,
    "rev": _reversed,
    "tee": _same,
    "xxd": _from_hex,
}
