"""What a literal ``echo``, ``printf`` or decoder prints: text that may be a script for the shell it is piped into."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final

from itops.domain.script import Command

_DECODE_FLAGS: Final = frozenset({"-d", "-D", "--decode", "-di"})
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


def _echo(words: tuple[str, ...]) -> str:
    options = 0
    while options < len(words) and words[options] in {"-n", "-e", "-E", "-ne", "-en"}:
        options += 1
    escaped = any("e" in word for word in words[:options])
    return " ".join(_unescaped(word) if escaped else word for word in words[options:]) + "\n"


def _printf(words: tuple[str, ...]) -> str | None:
    if len(words) == 1:
        return _unescaped(words[0])
    return "\n".join(words[1:]) + "\n" if words and words[0] in _PLAIN_PRINTF else None


def _unescaped(text: str) -> str:
    try:
        return text.encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        return text


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
