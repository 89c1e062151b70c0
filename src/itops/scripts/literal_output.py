"""What a literal ``echo``, ``printf`` or decoder prints: text that may be a script for the shell it is piped into."""

import base64
import binascii

from itops.domain.script import Command

_DECODE_FLAGS = frozenset({"-d", "-D", "--decode", "-di"})
_PLAIN_PRINTF = frozenset({"%s", "%s\\n", "%b", "%b\\n", "%s ", "%s\n"})


def literal_output(command: Command, fed_text: str | None) -> str | None:
    """The command's output where its words alone decide it, else nothing."""
    words = command.argv[1:]
    if command.dynamic or command.reads:
        return None
    match command.program:
        case "echo":
            return " ".join(_echoed(words)) + "\n"
        case "printf" if words and words[0] in _PLAIN_PRINTF:
            return "\n".join(words[1:]) + "\n"
        case "printf" if len(words) == 1:
            return _unescaped(words[0])
        case "cat" | "tee" if not words:
            return fed_text
        case "base64" if set(words) & _DECODE_FLAGS:
            return _decoded(fed_text)
        case "rev" if fed_text is not None and not words:
            return "\n".join(line[::-1] for line in fed_text.split("\n"))
        case "xxd" if "-r" in words or "-rp" in words:
            return _from_hex(fed_text)
        case _:
            return None


def _echoed(words: tuple[str, ...]) -> list[str]:
    options = 0
    while options < len(words) and words[options] in {"-n", "-e", "-E", "-ne", "-en"}:
        options += 1
    escaped = any("e" in word for word in words[:options])
    return [_unescaped(word) if escaped else word for word in words[options:]]


def _unescaped(text: str) -> str:
    try:
        return text.encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        return text


def _decoded(text: str | None) -> str | None:
    try:
        return None if text is None else base64.b64decode("".join(text.split())).decode(errors="replace")
    except (binascii.Error, ValueError):
        return None


def _from_hex(text: str | None) -> str | None:
    try:
        return None if text is None else bytes.fromhex("".join(text.split())).decode(errors="replace")
    except ValueError:
        return None
