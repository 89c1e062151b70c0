"""Which files and variables hold secrets: reading one is no plain read."""

import posixpath
import re
from fnmatch import fnmatchcase
from functools import cached_property

from pydantic import Field

from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.conditions import Pattern

_HOME = re.compile(r"^\$(?:HOME\b|\{HOME\})")
_OWN = re.compile(r"\$(?:(?:USER|LOGNAME)\b|\{(?:USER|LOGNAME)\})")
_PROFILE = re.compile(r"^(?:[a-z]:/users/|%userprofile%/|%public%/)(?:(?<!%/)[^/]*/)?", re.IGNORECASE)
_GLOB = frozenset("*?[")
# Builtins whose words are variables' names or are only compared: nothing of a secret can be seen of them.
_SHOWS_NOTHING = frozenset({"[", "test", "read", "mapfile", "readarray", "unset"})


class SecretPaths(Noun):
    """Patterns of secret files and variables, with sample paths that a glob is tried on."""

    paths: tuple[Pattern, ...]
    variables: Pattern
    samples: tuple[str, ...] = Field(min_length=1)
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = Field(min_length=1)

    def is_secret(self, word: str) -> bool:
        """Whether a word names, or as a glob may name, a file that holds secrets."""
        if "\\" in word and self.is_secret(word.replace("\\", "/")):
            return True
        plain = _OWN.sub("*", _HOME.sub("~", re.sub(r"[\\'\"]", "", word)))
        path = posixpath.normpath(plain)
        if self._path.search(path) or self._path.search(path.replace("*", "")):
            return True
        path = _PROFILE.sub("/home/alice/", path)
        is_glob = "/" in path and bool(_GLOB & set(path))
        return is_glob and any(
            fnmatchcase(sample, path.replace("~", "/root").replace("[^", "[!")) for sample in self.samples
        )

    def found_in(self, command: Command, *, metadata: bool) -> str:
        """The first secret that the command reads; empty where there is none.

        ``metadata``: the command shows the contents of no file among its words.
        """
        shown = () if command.program in _SHOWS_NOTHING else command.argv[1:]
        words = command.reads if metadata else (*shown, *command.reads)
        for word in words:
            values = (word, word.partition("=")[2], word.partition(":")[2], word.lstrip("@"))
            if any(value and self.is_secret(value) for value in values):
                return word
        expansions = (*shown, *command.reads) if command.dynamic or command.reads else ()
        return next((word for word in expansions if self._variable.search(word)), "")

    @cached_property
    def _path(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{path})" for path in self.paths))

    @cached_property
    def _variable(self) -> re.Pattern[str]:
        return re.compile(r"\$\{?(?:env:)?[A-Za-z_0-9]*(?:" + self.variables + ")", re.IGNORECASE)
