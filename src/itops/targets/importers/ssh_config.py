"""OpenSSH's ``config`` as targets: every ``Host`` that is one host. Patterns say what all of them have."""

import glob
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from itops.errors import UsageError
from itops.targets.importers.found import Found, Note, name_of

_KEYS: Final = {
    "hostname": "host",
    "port": "port",
    "user": "user",
    "identityfile": "key_files",
    "certificatefile": "certificate_files",
    "userknownhostsfile": "known_hosts",
    "proxyjump": "via",
}
_MANY: Final = frozenset({"identityfile", "certificatefile"})
_DEEPEST: Final = 16
_LINE: Final = re.compile(r"\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(\S.*?)\s*")


@dataclass
class _Block:
    """A ``Host`` line with what stands below it."""

    patterns: list[str]
    values: list[tuple[str, str]] = field(default_factory=list)

    def fits(self, host: str) -> bool:
        """Whether it speaks of this host, as ssh decides it."""
        unwanted = [one[1:] for one in self.patterns if one.startswith("!")]
        wanted = [one for one in self.patterns if not one.startswith("!")]
        return any(fnmatchcase(host, one) for one in wanted) and not any(fnmatchcase(host, one) for one in unwanted)


def read_ssh(text: str, source: str, folder: Path) -> Found:
    """The targets of a text; ``Include`` is read from ``folder``.

    Raises:
        UsageError: a line is off, or an included file can't be read. Nothing was taken.
    """
    found, blocks = Found(), [_Block(["*"])]
    for place, key, value in _lines(text, source, folder, 0):
        if key == "host":
            blocks.append(_Block(_split(value, place)))
        elif key == "match":
            found.left.append(Note(f"Match {value} ({place})", "what only ssh can decide is not taken"))
            blocks.append(_Block([]))
        else:
            blocks[-1].values.append((key, value))
    hosts = dict.fromkeys(one for block in blocks for one in block.patterns if not set(one) & set("*?!"))
    for host in hosts:
        found.add_target(host, _values(host, [block for block in blocks if block.fits(host)], found))
    return found


def _values(host: str, blocks: list[_Block], found: Found) -> dict[str, Any]:
    """What is said of a host: of each key the first value, of files all."""
    said: dict[str, list[str]] = {}
    for key, value in (pair for block in blocks for pair in block.values):
        if key in _MANY or key not in said:
            said.setdefault(key, []).append(value)
    values: dict[str, Any] = {}
    for key, given in said.items():
        plain = [value.strip('"').replace("%h", host).replace("%%", "%") for value in given]
        if key not in _KEYS:
            found.left.append(Note(f"{key} of {host}", "itops has no use for it"))
        elif any("%" in value or "${" in value for value in plain):
            found.left.append(Note(f"{key} of {host}", "what ssh itself fills in is not taken"))
        elif key == "proxyjump":
            values["via"] = [_jump(each) for each in plain[0].split(",")] if plain[0].lower() != "none" else []
        elif key in _MANY:
            values[_KEYS[key]] = [str(Path(value).expanduser()) for value in plain if value.lower() != "none"]
        else:
            values[_KEYS[key]] = str(Path(plain[0]).expanduser()) if key == "userknownhostsfile" else plain[0]
    return values


def _jump(word: str) -> str:
    plain = word.strip().removeprefix("ssh://")
    return plain if set(plain) & set("@:") else name_of(plain)


def _lines(text: str, source: str, folder: Path, depth: int) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match, place = _LINE.fullmatch(line), f"{source}, line {number}"
        if not match:
            raise UsageError(f"{place}: {line.strip()!r} is no option with a value.", world="Nothing was imported.")
        key, value = match[1].lower(), match[2]
        if key != "include":
            yield place, key, value
            continue
        if depth >= _DEEPEST:
            raise UsageError(f"{place}: files include each other.", world="Nothing was imported.")
        for pattern in _split(value, place):
            for file in sorted(glob.glob(str(folder / Path(pattern).expanduser()))):  # noqa: PTH207 - it may be absolute
                yield from _lines(_text(Path(file), place), file, folder, depth + 1)


def _text(file: Path, place: str) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{place}: {file} can't be read: {error}.", world="Nothing was imported.") from error


def _split(value: str, place: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError as error:
        raise UsageError(f"{place}: its quotes don't match.", world="Nothing was imported.") from error
