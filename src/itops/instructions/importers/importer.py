"""The port of importers: one file of somebody else's format → instructions, with an account of what became of it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from itops.domain.instruction import Instruction

_NOT_IN_IDS: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 60


@dataclass(frozen=True)
class Source:
    """One file to import.

    ``root`` is the folder that is imported (the file's own where a single file is); nothing outside it may be read.
    ``prefix`` is what every id of this import begins with.
    """

    path: Path
    root: Path
    data: bytes
    prefix: str

    @property
    def place(self) -> str:
        """The file's path inside the root, for messages."""
        return self.path.relative_to(self.root).as_posix()

    @property
    def parts(self) -> tuple[str, ...]:
        """What an id says of the file: its folders and its name, not its format."""
        return self.path.relative_to(self.root).with_suffix("").parts


@dataclass(frozen=True)
class Imported:
    """One instruction out of a source; ``origin`` names the file and the section or task inside it.

    ``changed`` says what had to be written differently, ``left`` what was not taken and why. A person reads both.
    ``declared`` is true where the effect is the author's own word, in our own front matter; else it is judged.
    """

    instruction: Instruction
    origin: str
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    declared: bool = False


class Importer(Protocol):
    """Reads one format. Pure: it looks at the source (and at files it names inside the root) and changes nothing.

    Raises:
        InvalidInstruction: this file can't be read as this format; names file, place and mend. Others go on.
        UsageError: the format needs an extra that is not installed; names it.
    """

    name: str
    suffixes: frozenset[str]

    def read(self, source: Source) -> Iterator[Imported]:
        """Every instruction in the source, in its order."""
        ...


def identity(*parts: str) -> str:
    """An id out of a prefix, a path and titles: stable as long as they are, so that a second import is an edit."""
    slugs = (_slug(part) for part in parts)
    return ".".join(slug for slug in slugs if slug)[:190].rstrip(".-") or "imported"


def unused(name: str, seen: set[str]) -> str:
    """The id, or one with a number where ``seen`` has it already; ``seen`` has the answer from then on."""
    number, free = 1, name
    while free in seen:
        number += 1
        free = f"{name}-{number}"
    seen.add(free)
    return free


def _slug(text: str) -> str:
    """Words of ASCII letters; where other letters had to go, a hash keeps two titles apart."""
    spelled = unicodedata.normalize("NFKD", text)
    plain = spelled.encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_IDS.sub("-", plain).strip("-")[:_LONGEST].strip("-")
    if not any(char.isalnum() for char in spelled if not char.isascii()):
        return slug
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
    return f"{slug}-{digest}".strip("-")
